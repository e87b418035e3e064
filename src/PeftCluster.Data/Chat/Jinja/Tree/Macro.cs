using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>The parameters and the body of a macro, a call block or a generation block: a function that gives text.</summary>
internal sealed class MacroBody(string? name, IReadOnlyList<string> parameters, IReadOnlyList<Expression> defaults, Block body)
{
    private static readonly string[] Special = ["caller", "kwargs", "varargs"];

    private FunctionScope? _function;
    private ScopeEntry? _scope;
    private int[] _slots = [];
    private int? _caller, _named, _placed;

    public Block Body => body;

    public IReadOnlyList<string> Parameters => parameters;

    public IReadOnlyList<Expression> Defaults => defaults;

    public void Bind(Symbols around, int line)
    {
        if (parameters.Distinct(StringComparer.Ordinal).Count() < parameters.Count)
            throw new TemplateFailure("two parameters have the same name", line);
        _function = new FunctionScope(around.Function);
        var symbols = new Symbols(around, _function);
        var used = body.Undeclared(Special);
        if (used.Contains("caller") && parameters.Take(parameters.Count - defaults.Count).Contains("caller"))
            throw new TemplateFailure("When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.", line);
        Look(symbols);
        foreach (var special in used.Except(parameters))
            symbols.Declare(special);
        Look(symbols);

        foreach (var value in defaults)
            value.Bind(symbols, soft: false);
        body.Bind(new Surroundings(symbols, Soft: false, InLoop: false));
        _slots = [.. parameters.Select(parameter => symbols.Find(parameter)!.Value.Slot)];
        (_caller, _named, _placed) = (SlotOf("caller"), SlotOf("kwargs"), SlotOf("varargs"));
        _scope = symbols.Entry();

        int? SlotOf(string special) => used.Contains(special) && !parameters.Contains(special) ? symbols.Find(special)!.Value.Slot : null;
    }

    public MacroValue Close(Activation frame) => new(name, (arguments, budget) => Call(arguments, frame));

    private void Look(Symbols symbols)
    {
        foreach (var parameter in parameters)
            symbols.Declare(parameter);
        foreach (var value in defaults)
            value.Look(symbols);
        body.Look(symbols);
    }

    private Value Call(CallArguments arguments, Activation around)
    {
        var frame = new Activation(_function!, around, around.Rendering);
        var named = arguments.Named.ToList();
        for (var index = 0; index < parameters.Count; index++)
            frame[_slots[index]] = index < arguments.Placed.Count ? arguments.Placed[index] : Taken(named, parameters[index]);
        if (_caller is { } caller)
            frame[caller] = Taken(named, "caller") is { } given and not NoneValue ? given : new UndefinedValue("No caller defined");
        if (_named is { } rest)
            frame[rest] = new DictValue(named.Select(pair => KeyValuePair.Create((Value)pair.Key, pair.Value)));
        else if (named.Count > 0)
            throw new TemplateFailure($"macro {Shown} takes no keyword argument '{named[0].Key}'");
        if (_placed is { } more)
            frame[more] = new TupleValue([.. arguments.Placed.Skip(parameters.Count)]);
        else if (arguments.Placed.Count > parameters.Count)
            throw new TemplateFailure($"macro {Shown} takes not more than {parameters.Count} argument(s)");

        _scope!.Enter(frame);
        for (var index = 0; index < parameters.Count; index++)
            frame[_slots[index]] ??= Default(index, frame);
        var output = new Output();
        body.Run(frame, output);
        return output.Text;
    }

    private Value Default(int index, Activation frame)
    {
        var place = index - (parameters.Count - defaults.Count);
        return place >= 0 ? defaults[place].Evaluate(frame) : new UndefinedValue($"parameter '{parameters[index]}' was not provided");
    }

    private static Value? Taken(List<KeyValuePair<string, Value>> named, string name)
    {
        var index = named.FindIndex(pair => pair.Key == name);
        if (index < 0)
            return null;
        var value = named[index].Value;
        named.RemoveAt(index);
        return value;
    }

    private string Shown => name is null ? "None" : $"'{name}'";
}

/// <summary>macro name(…) … endmacro</summary>
internal sealed class MacroStatement(string name, MacroBody macro) : Statement
{
    private Place _place;

    public override IEnumerable<Block> Blocks => [macro.Body];

    public override IEnumerable<string> Sets => macro.Parameters;

    public override IEnumerable<Expression> Expressions => macro.Defaults;

    public override void Look(Symbols symbols) => symbols.Store(name);

    public override void Bind(Surroundings at)
    {
        macro.Bind(at.Symbols, Line);
        _place = at.Symbols.Find(name)!.Value.From(at.Symbols.Function);
    }

    public override Flow Execute(Activation frame, Output output)
    {
        frame[_place] = macro.Close(frame);
        return Flow.Next;
    }
}

/// <summary>call(…) macro(…) … endcall: the block is what the macro knows as caller().</summary>
internal sealed class CallStatement(CallExpression call, MacroBody caller) : Statement
{
    public override IEnumerable<Block> Blocks => [caller.Body];

    public override IEnumerable<string> Sets => caller.Parameters;

    public override IEnumerable<Expression> Expressions => [call, .. caller.Defaults];

    public override void Look(Symbols symbols) => call.Look(symbols);

    public override void Bind(Surroundings at)
    {
        caller.Bind(at.Symbols, Line);
        call.Bind(at.Symbols, at.Soft);
    }

    public override Flow Execute(Activation frame, Output output)
    {
        output.Write(FilterStatement.NeedText(call.Call(frame, caller.Close(frame))), frame.Budget);
        return Flow.Next;
    }
}

/// <summary>
/// generation … endgeneration: what the assistant says. To Jinja it is a call block, so what is set inside does not leave it, and break and
/// continue do not reach a loop around it.
/// </summary>
internal sealed class GenerationStatement(Block body) : Statement
{
    private readonly MacroBody _macro = new(null, [], [], body);

    public override IEnumerable<Block> Blocks => [body];

    public override IEnumerable<Expression> Expressions => [];

    public override void Look(Symbols symbols) { }

    public override void Bind(Surroundings at) => _macro.Bind(at.Symbols, Line);

    public override Flow Execute(Activation frame, Output output)
    {
        var rendering = frame.Rendering;
        var text = ((TextValue)_macro.Close(frame).Call(CallArguments.None, frame.Budget)).Text;
        var start = rendering.Root.Length;
        rendering.Marked.Add(new MarkedSpan(start, start + text.Length, Line, Captured: output != rendering.Root));
        output.Write(text, frame.Budget);
        return Flow.Next;
    }
}
