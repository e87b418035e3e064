using PeftCluster.Data.Chat.Jinja.Filters;
using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>value | name(…). Without a value it is the filter of a block, which is handed the block's text.</summary>
internal sealed class FilterExpression(Expression? operand, string name, ArgumentList arguments) : Expression
{
    public override IEnumerable<Expression> Parts => operand is null ? arguments.Parts : arguments.Parts.Prepend(operand);

    protected override bool IsMadeOfConstants() => operand is not null && FilterTable.Has(name) && !IsOfContext && base.IsMadeOfConstants();

    public override void Bind(Symbols symbols, bool soft)
    {
        if (!soft && !FilterTable.Has(name))
            throw new TemplateFailure(Unknown, Line);
        base.Bind(symbols, soft);
    }

    /// <summary>Applies a chain of filters to a block's text.</summary>
    public Value Apply(Value text, Activation frame)
    {
        var given = operand is FilterExpression inner ? inner.Apply(text, frame) : operand is null ? text : operand.Evaluate(frame);
        return Filtered(given, frame);
    }

    protected override Value Compute(Activation frame) => Filtered(operand!.Evaluate(frame), frame);

    private Value Filtered(Value value, Activation frame)
    {
        if (IsOfContext)
            frame.NeedVariables();
        var given = arguments.Evaluate(frame);
        return FilterTable.Apply(name, value, given, frame.Budget) ?? throw new TemplateFailure(Unknown);
    }

    /// <summary>Filters that look others up; Jinja does not compute them ahead.</summary>
    private bool IsOfContext => name is "map" or "select" or "reject" or "selectattr" or "rejectattr";

    private string Unknown => $"No filter named '{Formats.OneLine.Piece(name)}'.";
}

/// <summary>value is name(…)</summary>
internal sealed class TestExpression(Expression operand, string name, ArgumentList arguments) : Expression
{
    public override IEnumerable<Expression> Parts => arguments.Parts.Prepend(operand);

    protected override bool IsMadeOfConstants() => TestTable.Has(name) && base.IsMadeOfConstants();

    public override void Bind(Symbols symbols, bool soft)
    {
        if (!soft && !TestTable.Has(name))
            throw new TemplateFailure(Unknown, Line);
        base.Bind(symbols, soft);
    }

    protected override Value Compute(Activation frame)
    {
        var value = operand.Evaluate(frame);
        return TestTable.Apply(name, value, arguments.Evaluate(frame), frame.Budget) ?? throw new TemplateFailure(Unknown);
    }

    private string Unknown => $"No test named '{Formats.OneLine.Piece(name)}'.";
}
