using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>value.name</summary>
internal sealed class AttributeExpression(Expression holder, string name) : Expression
{
    public override IEnumerable<Expression> Parts => [holder];

    protected override Value Compute(Activation frame) => Lookups.Attribute(holder.Evaluate(frame), name);
}

/// <summary>value[key], and value.0</summary>
internal sealed class ItemExpression(Expression holder, Expression key) : Expression
{
    public override IEnumerable<Expression> Parts => [holder, key];

    protected override Value Compute(Activation frame) => Lookups.Item(holder.Evaluate(frame), key.Evaluate(frame));
}

/// <summary>value[start:stop:step]. Jinja's surprise: as a part of a constant, a slice of what has none (3.0[1:]) is undefined; else it fails.</summary>
internal sealed class SliceExpression(Expression holder, Expression? start, Expression? stop, Expression? step) : Expression
{
    public override IEnumerable<Expression> Parts => new[] { holder, start, stop, step }.OfType<Expression>();

    private bool _folded;

    public override void Fold()
    {
        base.Fold();
        _folded = true;
    }

    protected override Value Compute(Activation frame) =>
        Slices.Of(holder.Evaluate(frame), start?.Evaluate(frame), stop?.Evaluate(frame), step?.Evaluate(frame), _folded || frame.IsConstant, frame.Budget);
}

/// <summary>What stands in the brackets of a call.</summary>
/// <param name="Spread">*values</param>
/// <param name="SpreadNamed">**values</param>
internal sealed record ArgumentList(IReadOnlyList<Expression> Placed, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Spread, Expression? SpreadNamed)
{
    public static ArgumentList None { get; } = new([], [], null, null);

    public IEnumerable<Expression> Parts => Placed.Concat(Named.Select(named => named.Value)).Concat(new[] { Spread, SpreadNamed }.OfType<Expression>());

    /// <param name="more">A value by name besides those that are written (the caller of a call block).</param>
    public CallArguments Evaluate(Activation frame, KeyValuePair<string, Value>? more = null)
    {
        if (Placed.Count == 0 && Named.Count == 0 && Spread is null && SpreadNamed is null && more is null)
            return CallArguments.None;
        List<Value> placed = [.. Placed.Select(argument => argument.Evaluate(frame))];
        List<KeyValuePair<string, Value>> named = [.. Named.Select(argument => KeyValuePair.Create(argument.Name, argument.Value.Evaluate(frame)))];
        if (more is { } extra)
            named.Add(extra);
        if (Spread is not null)
            placed.AddRange(Spread.Evaluate(frame).ToList(frame.Budget));
        if (SpreadNamed?.Evaluate(frame) is { } spread)
            named.AddRange(Pairs(spread, named));
        return new CallArguments(placed, named);
    }

    private static List<KeyValuePair<string, Value>> Pairs(Value spread, List<KeyValuePair<string, Value>> named)
    {
        if (spread is not DictValue dict)
            throw new TemplateFailure($"argument after ** must be a mapping, not {spread.TypeName}");
        List<KeyValuePair<string, Value>> pairs = [.. dict.Pairs.Select(pair =>
            KeyValuePair.Create(pair.Key is TextValue name ? name.Text : throw new TemplateFailure("keywords must be strings"), pair.Value))];
        return pairs.Any(pair => named.Any(given => given.Key == pair.Key)) ? throw new TemplateFailure("got multiple values for a keyword argument") : pairs;
    }
}

/// <summary>callee(…)</summary>
internal sealed class CallExpression(Expression callee, ArgumentList arguments) : Expression
{
    public override IEnumerable<Expression> Parts => arguments.Parts.Prepend(callee);

    protected override bool IsMadeOfConstants() => false;

    public Value Call(Activation frame, Value caller) => Called(callee.Evaluate(frame), arguments.Evaluate(frame, KeyValuePair.Create("caller", caller)), frame);

    protected override Value Compute(Activation frame) => Called(callee.Evaluate(frame), arguments.Evaluate(frame), frame);

    private static Value Called(Value function, CallArguments arguments, Activation frame)
    {
        frame.NeedVariables();
        frame.Budget.EnterCall();
        var value = function.Call(arguments, frame.Budget);
        frame.Budget.LeaveCall();
        return value;
    }
}
