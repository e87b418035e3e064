using PeftCluster.Data.Chat.Jinja.Scoping;
using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Tree;

/// <summary>What a value is given to: a name, an attribute of a namespace, or several of them.</summary>
internal abstract class Target
{
    public abstract IEnumerable<string> Names { get; }

    /// <summary>Tells a scope what is set, as parameters where the values come from outside.</summary>
    public abstract void Look(Symbols symbols, bool asParameter);

    public abstract void Bind(Symbols symbols);

    /// <summary>Fails where an attribute is to be set of what is no namespace; that is found out before the value is computed.</summary>
    public virtual void Check(Activation frame) { }

    public abstract void Set(Value value, Activation frame);

    /// <summary>The same target for another scope.</summary>
    public abstract Target Copy();
}

/// <summary>A name.</summary>
internal sealed class NameTarget(string name) : Target
{
    private Place _place;

    public override IEnumerable<string> Names => [name];

    public override void Look(Symbols symbols, bool asParameter)
    {
        if (asParameter)
            symbols.Declare(name);
        else
            symbols.Store(name);
    }

    public override void Bind(Symbols symbols) => _place = symbols.Find(name)!.Value.From(symbols.Function);

    public override void Set(Value value, Activation frame) => frame[_place] = value;

    public override Target Copy() => new NameTarget(name);
}

/// <summary>namespace.attribute</summary>
internal sealed class AttributeTarget(string name, string attribute) : Target
{
    private Place _place;

    public override IEnumerable<string> Names => [];

    public override void Look(Symbols symbols, bool asParameter) => symbols.Load(name);

    public override void Bind(Symbols symbols) => _place = symbols.Find(name)!.Value.From(symbols.Function);

    public override void Check(Activation frame)
    {
        if (frame[_place] is not NamespaceValue)
            throw new TemplateFailure("cannot assign attribute on non-namespace object");
    }

    public override void Set(Value value, Activation frame) => ((NamespaceValue)frame[_place]!).Set(attribute, value);

    public override Target Copy() => new AttributeTarget(name, attribute);
}

/// <summary>a, b = …: as many values as there are targets.</summary>
internal sealed class TupleTarget(IReadOnlyList<Target> targets) : Target
{
    public override IEnumerable<string> Names => targets.SelectMany(target => target.Names);

    public override void Look(Symbols symbols, bool asParameter)
    {
        foreach (var target in targets)
            target.Look(symbols, asParameter);
    }

    public override void Bind(Symbols symbols)
    {
        foreach (var target in targets)
            target.Bind(symbols);
    }

    public override void Check(Activation frame)
    {
        foreach (var target in targets)
            target.Check(frame);
    }

    public override void Set(Value value, Activation frame)
    {
        List<Value> values = [.. (value.Iterate() ?? throw new TemplateFailure($"cannot unpack non-iterable {value.TypeName} object")).Take(targets.Count + 1)];
        if (values.Count != targets.Count)
            throw new TemplateFailure(values.Count > targets.Count ? $"too many values to unpack (expected {targets.Count})" : $"not enough values to unpack (expected {targets.Count}, got {values.Count})");
        for (var index = 0; index < targets.Count; index++)
            targets[index].Set(values[index], frame);
    }

    public override Target Copy() => new TupleTarget([.. targets.Select(target => target.Copy())]);
}
