namespace PeftCluster.Jobs.Spec;

/// <summary>The methods that <c>method.type</c> can name, each with its record: one line per method.</summary>
public static class MethodRegistry
{
    public static IReadOnlyDictionary<string, Type> Records { get; } = new SortedDictionary<string, Type>(StringComparer.Ordinal)
    {
        ["bitfit"] = typeof(BitFitSpec),
        ["bottleneck"] = typeof(BottleneckSpec),
        ["full"] = typeof(FullSpec),
        ["ia3"] = typeof(Ia3Spec),
        ["loha"] = typeof(LohaSpec),
        ["lokr"] = typeof(LokrSpec),
        ["lora"] = typeof(LoraSpec),
        ["p_tuning"] = typeof(PTuningSpec),
        ["prefix_tuning"] = typeof(PrefixTuningSpec),
        ["prompt_tuning"] = typeof(PromptTuningSpec),
        ["vera"] = typeof(VeraSpec),
    };

    /// <summary>A method with all its defaults.</summary>
    /// <param name="type">A key of <see cref="Records"/>.</param>
    public static MethodSpec Default(string type) => (MethodSpec)Activator.CreateInstance(Records[type])!;
}
