namespace PeftCluster.Jobs.Spec;

/// <summary>
/// The methods that <c>method.type</c> can name without a plugin: every record of this assembly that is a <see cref="MethodSpec"/>, by its own
/// name. So a method's record is all that it needs here.
/// </summary>
public static class MethodRegistry
{
    public static IReadOnlyDictionary<string, Type> Records { get; } = new SortedDictionary<string, Type>(
        typeof(MethodRegistry).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(MethodSpec)) && !type.IsAbstract && type.GetConstructor([]) is not null)
            .ToDictionary(type => ((MethodSpec)Activator.CreateInstance(type)!).Type),
        StringComparer.Ordinal);

    /// <summary>A method with all its defaults.</summary>
    /// <param name="type">A key of <see cref="Records"/>.</param>
    public static MethodSpec Default(string type) => (MethodSpec)Activator.CreateInstance(Records[type])!;
}
