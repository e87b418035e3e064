using PeftCluster.Data.Chat.Jinja.Scoping;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>Where a statement stands while its names are looked up.</summary>
/// <param name="Soft">In an if: an unknown filter fails only when it runs.</param>
/// <param name="InLoop">In a loop of the same function, so that break and continue mean something.</param>
internal readonly record struct Surroundings(Symbols Symbols, bool Soft, bool InLoop)
{
    /// <summary>A scope inside; it starts hard again, as in Jinja.</summary>
    public Surroundings Inner(Symbols symbols) => new(symbols, Soft: false, InLoop);
}

/// <summary>A part of a template that does something: writes, sets, repeats.</summary>
internal abstract class Statement
{
    public required int Line { get; init; }

    /// <summary>The blocks inside.</summary>
    public virtual IEnumerable<Block> Blocks => [];

    /// <summary>Names that this statement itself sets.</summary>
    public virtual IEnumerable<string> Sets => [];

    /// <summary>Names that are read anywhere inside, scopes or not; Jinja looks for loop, caller, varargs and kwargs this way.</summary>
    public abstract IEnumerable<Expression> Expressions { get; }

    /// <summary>Tells the scope around which names are read and set.</summary>
    public abstract void Look(Symbols symbols);

    /// <summary>Gives every name its variable.</summary>
    public abstract void Bind(Surroundings at);

    public abstract Flow Execute(Activation frame, Output output);
}

/// <summary>Statements one after the other.</summary>
internal sealed class Block(IReadOnlyList<Statement> statements)
{
    public IReadOnlyList<Statement> Statements => statements;

    public void Look(Symbols symbols)
    {
        Budget.Guard();
        foreach (var statement in statements)
            statement.Look(symbols);
    }

    public void Bind(Surroundings at)
    {
        Budget.Guard();
        foreach (var statement in statements)
            statement.Bind(at);
    }

    /// <summary>Runs with the scope's variables and answers what it writes as a text. Whoever goes on behind it leaves the scope; a break or continue does not.</summary>
    public Flow Capture(Activation frame, ScopeEntry scope, out string text)
    {
        scope.Enter(frame);
        var captured = new Output();
        var flow = Run(frame, captured);
        text = captured.Text;
        return flow;
    }

    /// <summary>Runs to the end, or to a break or continue.</summary>
    public Flow Run(Activation frame, Output output)
    {
        Budget.Guard();
        foreach (var statement in statements)
        {
            frame.Budget.Step();
            try
            {
                var flow = statement.Execute(frame, output);
                if (flow != Flow.Next)
                    return flow;
            }
            catch (TemplateFailure failure) when (failure.Line is null)
            {
                throw failure.At(statement.Line);
            }
        }
        return Flow.Next;
    }

    /// <summary>All statements, those of blocks inside too.</summary>
    public IEnumerable<Statement> All()
    {
        var open = new Stack<Statement>(statements.Reverse());
        while (open.TryPop(out var statement))
        {
            yield return statement;
            foreach (var inner in statement.Blocks.Reverse().SelectMany(block => block.Statements.Reverse()))
                open.Push(inner);
        }
    }

    /// <summary>Those of the names that are read somewhere inside and not set before that. Jinja sees the target of a statement before its values.</summary>
    public HashSet<string> Undeclared(params IEnumerable<string> names)
    {
        var (wanted, found) = (names.ToHashSet(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var statement in All())
        {
            wanted.ExceptWith(statement.Sets);
            foreach (var name in statement.Expressions.SelectMany(NamesIn).Where(wanted.Contains))
                found.Add(name);
        }
        return found;
    }

    private static IEnumerable<string> NamesIn(Expression expression)
    {
        var open = new Stack<Expression>([expression]);
        while (open.TryPop(out var next))
        {
            if (next is NameExpression name)
                yield return name.Name;
            foreach (var part in next.Parts)
                open.Push(part);
        }
    }
}
