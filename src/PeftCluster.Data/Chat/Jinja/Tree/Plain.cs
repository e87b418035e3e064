using PeftCluster.Data.Chat.Jinja.Scoping;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>Text as it stands in the template.</summary>
internal sealed class TextStatement(string text) : Statement
{
    public override IEnumerable<Expression> Expressions => [];

    public override void Look(Symbols symbols) { }

    public override void Bind(Surroundings at) { }

    public override Flow Execute(Activation frame, Output output)
    {
        output.Write(text, frame.Budget);
        return Flow.Next;
    }
}

/// <summary>{{ value }}</summary>
internal sealed class PrintStatement(Expression value) : Statement
{
    private string? _constant;

    public override IEnumerable<Expression> Expressions => [value];

    public override void Look(Symbols symbols) => value.Look(symbols);

    public override void Bind(Surroundings at)
    {
        value.Bind(at.Symbols, at.Soft);
        try
        {
            var frame = Activation.ForConstants();
            _constant = value.Evaluate(frame).Str(frame.Budget);
        }
        catch (TemplateFailure)
        {
            // No constant, or one that fails: then it fails when it runs.
        }
    }

    public override Flow Execute(Activation frame, Output output)
    {
        output.Write(_constant ?? value.Evaluate(frame).Str(frame.Budget), frame.Budget);
        return Flow.Next;
    }
}

/// <summary>set target = value</summary>
internal sealed class SetStatement(Target target, Expression value) : Statement
{
    public override IEnumerable<string> Sets => target.Names;

    public override IEnumerable<Expression> Expressions => [value];

    public override void Look(Symbols symbols)
    {
        value.Look(symbols);
        target.Look(symbols, asParameter: false);
    }

    public override void Bind(Surroundings at)
    {
        value.Bind(at.Symbols, at.Soft);
        target.Bind(at.Symbols);
    }

    public override Flow Execute(Activation frame, Output output)
    {
        target.Check(frame);
        target.Set(value.Evaluate(frame), frame);
        return Flow.Next;
    }
}

/// <summary>if, elif, else. No scope of its own.</summary>
internal sealed class IfStatement(IReadOnlyList<(Expression Test, Block Body)> branches, Block otherwise) : Statement
{
    public override IEnumerable<Block> Blocks => branches.Select(branch => branch.Body).Append(otherwise);

    public override IEnumerable<Expression> Expressions => branches.Select(branch => branch.Test);

    public override void Look(Symbols symbols)
    {
        branches[0].Test.Look(symbols);
        symbols.Branches(
        [
            branches[0].Body.Look,
            later =>
            {
                // Each elif is an if of its own to Jinja, one behind the other.
                foreach (var (test, body) in branches.Skip(1))
                {
                    test.Look(later);
                    later.Branches([body.Look]);
                }
            },
            otherwise.Look,
        ]);
    }

    public override void Bind(Surroundings at)
    {
        foreach (var (test, body) in branches)
        {
            test.Bind(at.Symbols, soft: true);
            body.Bind(at with { Soft = true });
        }
        otherwise.Bind(at with { Soft = true });
    }

    public override Flow Execute(Activation frame, Output output)
    {
        foreach (var (test, body) in branches)
        {
            if (test.Evaluate(frame).Truth)
                return body.Run(frame, output);
        }
        return otherwise.Run(frame, output);
    }
}

/// <summary>break or continue.</summary>
internal sealed class JumpStatement(Flow flow) : Statement
{
    public override IEnumerable<Expression> Expressions => [];

    public override void Look(Symbols symbols) { }

    public override void Bind(Surroundings at)
    {
        if (!at.InLoop)
            throw new TemplateFailure(flow == Flow.Break ? "'break' outside loop" : "'continue' not properly in loop", Line);
    }

    public override Flow Execute(Activation frame, Output output) => flow;
}
