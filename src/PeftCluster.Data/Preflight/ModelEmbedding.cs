using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Preflight;

/// <summary>How many tokens a model's embedding has: vocab_size of config.json, of a model of several parts that of its text.</summary>
internal static class ModelEmbedding
{
    /// <summary>The number, or null where config.json does not say.</summary>
    /// <exception cref="Jobs.BadInputException">config.json is damaged.</exception>
    public static int? RowsOf(string modelFolder) => ModelFiles.ReadJson(
        Path.Combine(modelFolder, "config.json"), root => (root.Get("vocab_size") ?? root.Get("text_config")?.Get("vocab_size"))?.Count());
}
