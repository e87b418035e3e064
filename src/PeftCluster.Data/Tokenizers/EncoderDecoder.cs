namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// Whether a model folder's model reads prompts with an encoder: <c>is_encoder_decoder</c> of config.json; where that is missing, T5's families do.
/// Then a prompt is a text of its own, with the special tokens that the tokenizer puts behind a text.
/// </summary>
internal static class EncoderDecoder
{
    private static readonly string[] Families = ["t5", "mt5", "umt5"];

    public static bool Is(string folder)
    {
        var file = Path.Combine(folder, "config.json");
        return File.Exists(file) && JsonPlace.Read(file, ModelFiles.ReadAll(file), root =>
            root.Flag("is_encoder_decoder", missing: root.Get("model_type") is { } type && Families.Contains(type.Text())));
    }
}
