namespace PeftCluster.Jobs.Spec;

/// <summary>The methods that <c>method.type</c> can name, each with its record: one line per method.</summary>
public static class MethodRegistry
{
    public static IReadOnlyDictionary<string, Type> Records { get; } = new SortedDictionary<string, Type>(StringComparer.Ordinal)
    {
        ["lora"] = typeof(LoraSpec),
    };
}
