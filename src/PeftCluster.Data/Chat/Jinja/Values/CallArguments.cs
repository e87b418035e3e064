namespace PeftCluster.Data.Chat.Jinja.Values;

/// <summary>What a call hands over: values by place, then values by name.</summary>
internal sealed record CallArguments(IReadOnlyList<Value> Placed, IReadOnlyList<KeyValuePair<string, Value>> Named)
{
    public static CallArguments None { get; } = new([], []);

    /// <summary>Sorts the arguments to a function's parameters; those that are not given are null.</summary>
    /// <param name="function">The function's name, for messages.</param>
    /// <param name="required">How many of the first parameters must be given.</param>
    /// <param name="named">Whether parameters can be given by name.</param>
    public Value?[] Take(string function, ReadOnlySpan<string> parameters, int required, bool named = true)
    {
        if (Placed.Count > parameters.Length)
            throw new TemplateFailure($"{function}() takes at most {parameters.Length} arguments ({Placed.Count} given)");
        var values = new Value?[parameters.Length];
        for (var index = 0; index < Placed.Count; index++)
            values[index] = Placed[index];
        foreach (var (name, value) in Named)
        {
            var index = named ? parameters.IndexOf(name) : -1;
            if (index < 0)
                throw new TemplateFailure($"{function}() got an unexpected keyword argument '{name}'");
            if (values[index] is not null)
                throw new TemplateFailure($"{function}() got multiple values for argument '{name}'");
            values[index] = value;
        }
        for (var index = 0; index < required; index++)
        {
            if (values[index] is null)
                throw new TemplateFailure($"{function}() missing required argument: '{parameters[index]}'");
        }
        return values;
    }

    /// <summary>The one argument of a function that takes exactly one.</summary>
    public Value One(string function) => Take(function, ["value"], 1, named: false)[0]!;

    public Value? Find(string name)
    {
        foreach (var (given, value) in Named)
        {
            if (given == name)
                return value;
        }
        return null;
    }
}
