using PeftCluster.Data.Chat.Jinja.Values;

namespace PeftCluster.Data.Chat.Jinja.Scoping;

/// <summary>One call of a function of the template, with its variables; null is a variable without a value.</summary>
internal sealed class Activation(FunctionScope function, Activation? around, Rendering rendering)
{
    private readonly Value?[] _slots = new Value?[function.Count];

    /// <summary>A place without variables: what computes here is a constant. Jinja prints constants while it reads a template.</summary>
    public static Activation ForConstants() =>
        new(new FunctionScope(null), null, new Rendering(new Dictionary<string, Value>(), default, new RenderLimits(Steps: 2000, Characters: 20_000))) { IsConstant = true };

    public bool IsConstant { get; private init; }

    public Rendering Rendering => rendering;

    /// <exception cref="TemplateFailure">Only constants can be computed here.</exception>
    public void NeedVariables()
    {
        if (IsConstant)
            throw new TemplateFailure("is no constant");
    }

    public Budget Budget => rendering.Budget;

    public Value? this[Place place]
    {
        get => At(place)._slots[place.Slot];
        set => At(place)._slots[place.Slot] = value;
    }

    public Value? this[int slot]
    {
        get => _slots[slot];
        set => _slots[slot] = value;
    }

    private Activation At(Place place)
    {
        var activation = this;
        for (var outward = place.Outward; outward > 0; outward--)
            activation = activation.Around;
        return activation;
    }

    private Activation Around => around!;
}

/// <summary>What happens to the variables of a scope when it is entered and left.</summary>
internal sealed class ScopeEntry(IReadOnlyList<(int Slot, FirstValue Kind, Place? Outer, string Name)> starts)
{
    public void Enter(Activation frame)
    {
        foreach (var (slot, kind, outer, name) in starts)
        {
            if (kind != FirstValue.Parameter)
                frame[slot] = kind switch { FirstValue.Outer => frame[outer!.Value], FirstValue.Resolved => frame.Rendering.Resolve(name), _ => null };
        }
    }

    public void Leave(Activation frame)
    {
        foreach (var (slot, _, _, _) in starts)
            frame[slot] = null;
    }
}
