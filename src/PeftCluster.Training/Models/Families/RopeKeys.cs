using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Training.Models.Families;

/// <summary>
/// Reads how places are told, in both layouts that transformers has written: <c>rope_theta</c> beside <c>rope_scaling</c>, or all in
/// <c>rope_parameters</c>.
/// </summary>
internal static class RopeKeys
{
    private static readonly Dictionary<string, Func<RopeSection, Rope>> Types = new(StringComparer.Ordinal)
    {
        ["default"] = keys => new Rope(keys.Theta, keys.Size),
        ["linear"] = keys => new LinearRope(keys.Theta, keys.Size, keys.Needed("factor")),
        ["dynamic"] = Dynamic,
        ["llama3"] = Llama3,
        ["yarn"] = Yarn,
        ["longrope"] = LongRope,
        ["su"] = LongRope, // Its name in the first files of phi3.
    };

    /// <summary>The places of a model.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="headSize">N</param>
    /// <param name="context">The context length.</param>
    /// <param name="rotated">The share of a head that is rotated where the file does not say it.</param>
    public static Rope Read(ModelConfigFile file, int headSize, int context, double rotated)
    {
        var section = file.Has("rope_parameters") ? "rope_parameters" : "rope_scaling";
        var share = file.PositiveNumber("rope_parameters.partial_rotary_factor", file.PositiveNumber("partial_rotary_factor", file.PositiveNumber("rotary_pct", rotated)));
        var size = (int)(headSize * share);
        if (size % 2 != 0 || size == 0 || size > headSize)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: head_dim: rotary places need pairs, and the rotated part is {size} of {headSize}."));
        var type = file.Text($"{section}.rope_type") ?? file.Text($"{section}.type") ?? "default";
        var keys = new RopeSection(file, section, size, context);
        return Types.TryGetValue(type, out var read)
            ? read(keys)
            : throw file.Unsupported($"{section} of type \"{type}\"", $"known are {string.Join(", ", Types.Keys)}");
    }

    private static DynamicRope Dynamic(RopeSection keys) => keys.Size > 2
        ? new DynamicRope(keys.Theta, keys.Size, keys.Needed("factor"), keys.Context)
        : throw keys.File.Unsupported($"{keys.Name} of type \"dynamic\" with one rotated pair", "it needs two");

    private static LongRope LongRope(RopeSection keys)
    {
        var original = keys.Original;
        return new LongRope(keys.Theta, keys.Size, original, keys.Factors("short_factor"), keys.Factors("long_factor"))
        {
            Factor = keys.Or("factor", (double)keys.Context / original),
            Given = keys.Maybe("attention_factor"),
        };
    }

    private static Llama3Rope Llama3(RopeSection keys)
    {
        var (low, high) = (keys.Needed("low_freq_factor"), keys.Needed("high_freq_factor"));
        if (high <= low)
            throw new BadInputException($"{keys.File.Path}: {keys.Name}.high_freq_factor: must be above low_freq_factor.");
        return new Llama3Rope(keys.Theta, keys.Size, keys.Needed("factor"), low, high, keys.Needed("original_max_position_embeddings"));
    }

    private static YarnRope Yarn(RopeSection keys)
    {
        var factor = keys.Needed("factor");
        return new YarnRope(keys.Theta, keys.Size, factor)
        {
            Original = keys.Or("original_max_position_embeddings", keys.Context),
            Fast = keys.Or("beta_fast", 32),
            Slow = keys.Or("beta_slow", 1),
            WholePairs = keys.File.Flag($"{keys.Name}.truncate", otherwise: true),
            Given = keys.Maybe("attention_factor") ?? (keys.Maybe("mscale") is { } scale && keys.Maybe("mscale_all_dim") is { } all
                ? YarnRope.AmplitudeOf(factor, scale) / YarnRope.AmplitudeOf(factor, all)
                : null),
        };
    }
}

/// <summary>The section of config.json that tells places.</summary>
/// <param name="File">The configuration.</param>
/// <param name="Name">The section's key.</param>
/// <param name="Size">R</param>
/// <param name="Context">The context length.</param>
internal sealed record RopeSection(ModelConfigFile File, string Name, int Size, int Context)
{
    public double Theta => File.PositiveNumber($"{Name}.rope_theta", File.PositiveNumber("rope_theta", File.PositiveNumber("rotary_emb_base", 10_000)));

    /// <summary>The context length of pre-training, where the file says it in one of two places.</summary>
    public int Original => File.Positive($"{Name}.original_max_position_embeddings", File.Positive("original_max_position_embeddings", Context));

    /// <summary>A factor for each rotated pair.</summary>
    public IReadOnlyList<double> Factors(string key) => File.PositiveNumbers($"{Name}.{key}", Size / 2);

    /// <summary>A number above 0, or <paramref name="otherwise"/>.</summary>
    public double Or(string key, double otherwise) => File.PositiveNumber($"{Name}.{key}", otherwise);

    /// <summary>A number above 0, or null.</summary>
    public double? Maybe(string key) => File.Has($"{Name}.{key}") ? File.PositiveNumber($"{Name}.{key}") : null;

    /// <summary>A number above 0 that this type cannot do without.</summary>
    public double Needed(string key) => File.PositiveNumber($"{Name}.{key}");
}
