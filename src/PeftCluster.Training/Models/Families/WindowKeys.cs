using PeftCluster.Jobs;

namespace PeftCluster.Training.Models.Families;

/// <summary>Reads which layers have a window, and how long it is.</summary>
internal static class WindowKeys
{
    /// <summary>The window's size. A key that is there and null means none; only a missing one takes the default.</summary>
    public static int? Size(ModelConfigFile file, int? otherwise) =>
        file.Has("sliding_window") ? file.Positive("sliding_window") : file.IsNull("sliding_window") ? null : otherwise;

    /// <summary>One window for all layers.</summary>
    public static IReadOnlyList<int?> Same(DecoderConfig config, int? window) => [.. Enumerable.Repeat(window, config.Layers)];

    /// <summary>What <c>layer_types</c> says of each layer; where it is missing, <paramref name="slides"/> says it of a layer's number.</summary>
    /// <exception cref="BadInputException">A kind of layer that is not computed, too few or too many of them, or a window without its size.</exception>
    public static IReadOnlyList<int?> PerLayer(ModelConfigFile file, DecoderConfig config, int? window, Func<int, bool> slides)
    {
        var types = file.Texts("layer_types") ?? [.. Enumerable.Range(0, config.Layers).Select(layer => slides(layer) ? "sliding_attention" : "full_attention")];
        if (types.Count != config.Layers)
            throw new BadInputException($"{file.Path}: layer_types: has {types.Count} entries, but num_hidden_layers is {config.Layers}.");
        return [.. types.Select(type => OfType(file, type, window))];
    }

    private static int? OfType(ModelConfigFile file, string type, int? window) => type switch
    {
        "full_attention" => null,
        "sliding_attention" => window ?? throw new BadInputException($"{file.Path}: sliding_window is missing, and layer_types names sliding_attention."),
        _ => throw file.Unsupported($"layer_types \"{type}\"", "only full_attention and sliding_attention are"),
    };
}
