using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>set name … endset: the block's text, through the filters behind the name.</summary>
internal sealed class SetBlockStatement(Target target, FilterExpression? filter, Block body) : Statement
{
    private ScopeEntry? _scope;

    public override IEnumerable<Block> Blocks => [body];

    public override IEnumerable<string> Sets => target.Names;

    public override IEnumerable<Expression> Expressions => filter is null ? [] : [filter];

    public override void Look(Symbols symbols) => target.Look(symbols, asParameter: false);

    public override void Bind(Surroundings at)
    {
        var symbols = new Symbols(at.Symbols, at.Symbols.Function);
        body.Look(symbols);
        body.Bind(at.Inner(symbols));
        filter?.Bind(symbols, soft: false);
        target.Bind(at.Symbols);
        _scope = symbols.Entry();
    }

    public override Flow Execute(Activation frame, Output output)
    {
        var flow = body.Capture(frame, _scope!, out var captured);
        if (flow != Flow.Next)
            return flow;
        target.Check(frame);
        Value text = captured;
        target.Set(filter?.Apply(text, frame) ?? text, frame);
        _scope!.Leave(frame);
        return Flow.Next;
    }
}

/// <summary>filter name … endfilter</summary>
internal sealed class FilterStatement(FilterExpression filter, Block body) : Statement
{
    private ScopeEntry? _scope;

    public override IEnumerable<Block> Blocks => [body];

    public override IEnumerable<Expression> Expressions => [filter];

    public override void Look(Symbols symbols) => filter.Look(symbols);

    public override void Bind(Surroundings at)
    {
        var symbols = new Symbols(at.Symbols, at.Symbols.Function);
        body.Look(symbols);
        filter.Look(symbols);
        body.Bind(at.Inner(symbols));
        filter.Bind(symbols, soft: false);
        _scope = symbols.Entry();
    }

    public override Flow Execute(Activation frame, Output output)
    {
        var flow = body.Capture(frame, _scope!, out var captured);
        if (flow != Flow.Next)
            return flow;
        output.Write(NeedText(filter.Apply(captured, frame)), frame.Budget);
        _scope!.Leave(frame);
        return Flow.Next;
    }

    public static string NeedText(Value value) => value is TextValue text ? text.Text : throw new TemplateFailure($"the block gives {value.TypeName}, and only a text can be written");
}

/// <summary>with a = 1, b = 2 … endwith: names for a while. The values are those of the scope around.</summary>
internal sealed class WithStatement(IReadOnlyList<(Target Target, Expression Value)> pairs, Block body) : Statement
{
    private ScopeEntry? _scope;

    public override IEnumerable<Block> Blocks => [body];

    public override IEnumerable<string> Sets => pairs.SelectMany(pair => pair.Target.Names);

    public override IEnumerable<Expression> Expressions => pairs.Select(pair => pair.Value);

    public override void Look(Symbols symbols)
    {
        foreach (var (_, value) in pairs)
            value.Look(symbols);
    }

    public override void Bind(Surroundings at)
    {
        var symbols = new Symbols(at.Symbols, at.Symbols.Function);
        foreach (var (target, _) in pairs)
            target.Look(symbols, asParameter: true);
        body.Look(symbols);
        foreach (var (target, value) in pairs)
        {
            value.Bind(at.Symbols, at.Soft);
            target.Bind(symbols);
        }
        body.Bind(at.Inner(symbols));
        _scope = symbols.Entry();
    }

    public override Flow Execute(Activation frame, Output output)
    {
        _scope!.Enter(frame);
        foreach (var (target, value) in pairs)
            target.Set(value.Evaluate(frame), frame);
        var flow = body.Run(frame, output);
        if (flow == Flow.Next)
            _scope.Leave(frame);
        return flow;
    }
}
