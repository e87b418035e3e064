using PeftCluster.Jobs;

namespace PeftCluster.Data.Chat;

/// <summary>
/// Well-known formats by name, for models whose folder has no template. Written for this project from the formats' public descriptions, with
/// generation blocks, so that what the assistant says is found in all of them. Tokens that a format needs and a model does not name are those of the format.
/// </summary>
public static class NamedTemplates
{
    private static readonly Dictionary<string, (string Bos, string Eos)> Formats = new(StringComparer.Ordinal)
    {
        ["alpaca"] = ("", "</s>"),
        ["chatml"] = ("", "<|im_end|>"),
        ["gemma"] = ("<bos>", "<eos>"),
        ["llama-2"] = ("<s>", "</s>"),
        ["llama-3"] = ("<|begin_of_text|>", "<|eot_id|>"),
        ["mistral"] = ("<s>", "</s>"),
        ["phi-3"] = ("", "<|endoftext|>"),
        ["vicuna"] = ("", "</s>"),
        ["zephyr"] = ("", "</s>"),
    };

    public static IReadOnlyList<string> Names { get; } = [.. Formats.Keys];

    /// <param name="tokens">What the model's folder names; they come before the format's own.</param>
    /// <exception cref="BadInputException">There is no such format.</exception>
    public static ChatTemplate Of(string name, IReadOnlyDictionary<string, string>? tokens = null)
    {
        if (!Formats.TryGetValue(name, out var own))
            throw new BadInputException($"chat template {Data.Formats.OneLine.Piece(name)}: no format of this name is known. Choose {string.Join(", ", Names)}, or give the path of a template, which ends in .jinja.");
        using var stream = typeof(NamedTemplates).Assembly.GetManifestResourceStream($"chat/{name}.jinja")!;
        using var reader = new StreamReader(stream);
        var known = new Dictionary<string, string>(tokens ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        known.TryAdd("bos_token", own.Bos);
        known.TryAdd("eos_token", own.Eos);
        return new ChatTemplate($"chat template {name}", reader.ReadToEnd(), known);
    }
}
