using Fluid;
using Fluid.Ast;
using Fluid.Values;

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
        foreach (var asked in new[] { forStatement.Range ?? forStatement.Source, forStatement.Limit, forStatement.Offset }.OfType<Expression>())
            Visit(asked);
        _own.Add(forStatement.Identifier);
        foreach (var statement in forStatement.Statements)
            Visit(statement);
        if (forStatement.Else is { } otherwise)
            Visit(otherwise);
        return forStatement;
    }

    /// <summary>Fluid makes all numbers of a range before the first is used.</summary>
    protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
    {
        if (!(End(rangeExpression.From) is { } from && End(rangeExpression.To) is { } to && to - from < LiquidLimits.LongestRange))
            Problem ??= $"a range has two whole numbers written out, as in (1..3), and at most {LiquidLimits.LongestRange} of them";
        return rangeExpression;
    }

    private static decimal? End(Expression end) => end is LiteralExpression { Value: NumberValue number } ? number.ToNumberValue() : null;
}
