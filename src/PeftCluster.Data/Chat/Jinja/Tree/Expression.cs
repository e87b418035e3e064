using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>A part of a template that has a value. Names know their variable, filters and tests what they are, once <see cref="Bind"/> has run.</summary>
internal abstract class Expression
{
    public required int Line { get; init; }

    /// <summary>The expressions that this one is made of.</summary>
    public abstract IEnumerable<Expression> Parts { get; }

    private bool? _isConstant;

    /// <summary>Jinja computes this while it reads the template, where that gives a plain value.</summary>
    public bool IsConstant => _isConstant ??= IsMadeOfConstants();

    public Value Evaluate(Activation frame)
    {
        frame.Budget.Step();
        Budget.Guard();
        return Compute(frame);
    }

    /// <summary>Tells a scope which names are read here.</summary>
    public virtual void Look(Symbols symbols)
    {
        Budget.Guard();
        foreach (var part in Parts)
            part.Look(symbols);
    }

    /// <summary>Looks names, filters and tests up.</summary>
    /// <param name="soft">Inside an if, what is unknown fails only when it runs.</param>
    public virtual void Bind(Symbols symbols, bool soft)
    {
        Budget.Guard();
        foreach (var part in Parts)
        {
            part.Bind(symbols, soft);
            if (part.IsConstant && !IsConstant && part is not SliceExpression)
                part.Fold();
        }
    }

    /// <summary>Tells a constant that it is computed as one; only slices of what has none see a difference.</summary>
    public virtual void Fold()
    {
        Budget.Guard();
        foreach (var part in Parts)
            part.Fold();
    }

    protected virtual bool IsMadeOfConstants()
    {
        Budget.Guard();
        return Parts.All(part => part.IsConstant);
    }

    protected abstract Value Compute(Activation frame);
}

/// <summary>A literal.</summary>
internal sealed class Constant(Value value) : Expression
{
    public Value Value => value;

    public override IEnumerable<Expression> Parts => [];

    protected override Value Compute(Activation frame) => value;
}

/// <summary>A variable that is read.</summary>
internal sealed class NameExpression(string name) : Expression
{
    private Place _place;

    public string Name => name;

    public override IEnumerable<Expression> Parts => [];

    protected override bool IsMadeOfConstants() => false;

    public override void Look(Symbols symbols) => symbols.Load(name);

    public override void Bind(Symbols symbols, bool soft) =>
        _place = (symbols.Find(name) ?? throw new TemplateFailure($"the name '{name}' is not known in this place", Line)).From(symbols.Function);

    protected override Value Compute(Activation frame)
    {
        frame.NeedVariables();
        return frame[_place] ?? UndefinedValue.Name(name);
    }
}

/// <summary>A list, or a tuple where <paramref name="isTuple"/>.</summary>
internal sealed class SequenceExpression(IReadOnlyList<Expression> items, bool isTuple) : Expression
{
    public IReadOnlyList<Expression> Items => items;

    public bool IsTuple => isTuple;

    public override IEnumerable<Expression> Parts => items;

    protected override Value Compute(Activation frame)
    {
        var values = new Value[items.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = items[index].Evaluate(frame);
        return isTuple ? new TupleValue(values) : new ListValue(values);
    }
}

/// <summary>{key: value, …}</summary>
internal sealed class DictExpression(IReadOnlyList<(Expression Key, Expression Value)> pairs) : Expression
{
    public override IEnumerable<Expression> Parts => pairs.SelectMany(pair => new[] { pair.Key, pair.Value });

    protected override Value Compute(Activation frame) => new DictValue(pairs.Select(pair => KeyValuePair.Create(pair.Key.Evaluate(frame), pair.Value.Evaluate(frame))));
}
