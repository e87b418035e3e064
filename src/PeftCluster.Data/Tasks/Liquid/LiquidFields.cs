using Fluid;
using Fluid.Ast;

namespace PeftCluster.Data.Tasks.Liquid;

/// <summary>Finds the fields that a template names: those names that it does not make itself, by assign or as what a loop goes through.</summary>
internal sealed class LiquidFields : AstVisitor
{
    private readonly SortedSet<string> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _own = new(StringComparer.Ordinal) { "forloop" };

    /// <summary>The fields, in the order of their names.</summary>
    public IReadOnlyList<string> All => [.. _fields];

    /// <summary>What the template does that no template may; null: nothing.</summary>
    public string? Problem { get; private set; }

    public static LiquidFields Of(IFluidTemplate template)
    {
        var fields = new LiquidFields();
        fields.VisitTemplate(template);
        return fields;
    }

    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        if (memberExpression.Segments is [IdentifierSegment { Identifier: var name }, ..] && !_own.Contains(name))
            _fields.Add(name);
        return base.VisitMemberExpression(memberExpression);
    }

    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        if (!LiquidLimits.Filters.Contains(filterExpression.Name))
            Problem ??= $"it has no filter {Formats.OneLine.Piece(filterExpression.Name)}. Filters are {string.Join(", ", LiquidLimits.Filters)}";
        return base.VisitFilterExpression(filterExpression);
    }

    protected override Statement VisitAssignStatement(AssignStatement assignStatement)
    {
        var visited = base.VisitAssignStatement(assignStatement);
        _own.Add(assignStatement.Identifier);
        return visited;
    }

    protected override Statement VisitForStatement(ForStatement forStatement)
    {
        foreach (var asked in new[] { forStatement.Source, forStatement.Range?.From, forStatement.Range?.To, forStatement.Limit, forStatement.Offset })
        {
            if (asked is not null)
                Visit(asked);
        }
        _own.Add(forStatement.Identifier);
        foreach (var statement in forStatement.Statements)
            Visit(statement);
        if (forStatement.Else is { } otherwise)
            Visit(otherwise);
        return forStatement;
    }

    /// <summary>A loop goes through numbers one by one; anywhere else all of them would be made first.</summary>
    protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
    {
        Problem ??= "a range of numbers may only stand behind \"for … in\"";
        return rangeExpression;
    }
}
