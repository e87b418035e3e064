using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>
/// for target in items if test recursive … else … endfor. The body is a scope; <c>loop</c> is made only where the body reads it. The else
/// runs where no round reached its end, a break or continue counts as none. A recursive loop is a function, which <c>loop(items)</c> calls.
/// </summary>
internal sealed class ForStatement(Target target, Expression items, Expression? test, bool recursive, Block body, Block? otherwise) : Statement
{
    private ScopeEntry? _scope, _testScope, _elseScope;
    private FunctionScope? _function, _testFunction;
    private int? _loop;
    private Target? _testTarget;

    public override IEnumerable<Block> Blocks => otherwise is null ? [body] : [body, otherwise];

    public override IEnumerable<string> Sets => target.Names;

    public override IEnumerable<Expression> Expressions => test is null ? [items] : [items, test];

    public override void Look(Symbols symbols) => items.Look(symbols);

    public override void Bind(Surroundings at)
    {
        if (target.Names.Concat(body.All().Concat(otherwise?.All() ?? []).Where(statement => statement is not (WithStatement or MacroStatement)).SelectMany(statement => statement.Sets)).Contains("loop"))
            throw new TemplateFailure("Can't assign to special loop variable in for-loop target", Line);
        items.Bind(at.Symbols, at.Soft);
        var outer = at.Symbols.Function;
        _function = recursive ? new FunctionScope(outer) : outer;
        BindTest(at.Symbols);

        var symbols = new Symbols(at.Symbols, _function);
        var extended = recursive || body.Undeclared("loop").Count > 0;
        if (extended)
            symbols.Declare("loop");
        target.Look(symbols, asParameter: true);
        body.Look(symbols);
        body.Bind(at.Inner(symbols) with { InLoop = true });
        target.Bind(symbols);
        _loop = extended ? symbols.Find("loop")!.Value.Slot : null;
        _scope = symbols.Entry();

        if (otherwise is null)
            return;
        symbols = new Symbols(at.Symbols, _function);
        otherwise.Look(symbols);
        otherwise.Bind(at.Inner(symbols) with { InLoop = at.InLoop && !recursive });
        _elseScope = symbols.Entry();
    }

    public override Flow Execute(Activation frame, Output output)
    {
        var given = items.Evaluate(frame);
        if (!recursive)
            return Run(frame, given, output, 0, null);
        output.Write(Recurse(frame, given, 0), frame.Budget);
        return Flow.Next;
    }

    /// <summary>The test is a function of its own, which the rounds ask for their items.</summary>
    private void BindTest(Symbols around)
    {
        if (test is null)
            return;
        _testFunction = new FunctionScope(_function);
        var symbols = new Symbols(around, _testFunction);
        _testTarget = target.Copy();
        _testTarget.Look(symbols, asParameter: true);
        test.Look(symbols);
        _testTarget.Bind(symbols);
        test.Bind(symbols, soft: false);
        _testScope = symbols.Entry();
    }

    private string Recurse(Activation frame, Value given, int depth)
    {
        frame.Budget.EnterCall();
        var captured = new Output();
        Run(new Activation(_function!, frame, frame.Rendering), given, captured, depth, (inner, deeper) => Recurse(frame, inner, deeper));
        frame.Budget.LeaveCall();
        return captured.Text;
    }

    private Flow Run(Activation frame, Value given, Output output, int depth, Func<Value, int, string>? recurse)
    {
        var rounds = test is null ? given.NeedIterate() : Kept(frame, given.NeedIterate());
        var loop = _loop is null ? null : new LoopValue(rounds, test is null ? given.Length : null, depth, recurse);
        if (_loop is { } slot)
            frame[slot] = null;
        var noneEnded = true;
        foreach (var item in loop?.Rounds() ?? rounds)
        {
            frame.Budget.Step();
            target.Set(item, frame);
            if (_loop is { } place)
                frame[place] = loop;
            _scope!.Enter(frame);
            var flow = body.Run(frame, output);
            if (flow == Flow.Break)
                break;
            noneEnded &= flow != Flow.Next;
        }
        if (!recursive || otherwise is not null)
            _scope!.Leave(frame);
        if (otherwise is null || !noneEnded)
            return Flow.Next;
        _elseScope!.Enter(frame);
        var ended = otherwise.Run(frame, output);
        if (ended == Flow.Next)
            _elseScope.Leave(frame);
        return ended;
    }

    private IEnumerable<Value> Kept(Activation frame, IEnumerable<Value> items)
    {
        var inner = new Activation(_testFunction!, frame, frame.Rendering);
        _testScope!.Enter(inner);
        foreach (var item in items)
        {
            frame.Budget.Step();
            _testTarget!.Set(item, inner);
            if (test!.Evaluate(inner).Truth)
                yield return item;
        }
    }
}
