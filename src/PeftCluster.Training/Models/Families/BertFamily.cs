using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Training.Models.Bert;

namespace PeftCluster.Training.Models.Families;

/// <summary>
/// BERT and RoBERTa with a classification head (arXiv 1810.04805, 1907.11692). Names and defaults are those of transformers' BertConfig and
/// RobertaConfig. hidden_dropout_prob and attention_probs_dropout_prob are not computed; see docs/decisions.md.
/// </summary>
internal static class BertFamily
{
    private const int MostClasses = 1_000_000;

    public static BertConfig ReadBert(ModelConfigFile file) => Read(file, 30522, 2, null);

    public static BertConfig ReadRoberta(ModelConfigFile file) => Read(file, 50265, 2, file.Whole("pad_token_id", 1));

    private static BertConfig Read(ModelConfigFile file, int vocabulary, int types, int? padding)
    {
        DecoderKeys.RefuseQuantized(file);
        file.RefuseFlags("is_decoder", "add_cross_attention");
        if (file.Text("position_embedding_type") is { } places and not "absolute")
            throw file.Unsupported($"position_embedding_type \"{places}\"", "only absolute is");
        if (file.Text("problem_type") is { } problem and not "single_label_classification")
            throw file.Unsupported($"problem_type \"{problem}\"", "only single_label_classification is");
        var (hidden, heads) = (file.Positive("hidden_size", 768), file.Positive("num_attention_heads", 12));
        if (hidden % heads != 0)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: hidden_size: {hidden} is not a multiple of num_attention_heads, {heads}."));
        var table = file.Positive("max_position_embeddings", 512);
        // RoBERTa's first place is behind that of padding.
        var context = table - (padding + 1 ?? 0);
        if (context < 1)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: max_position_embeddings: {table} leaves no place behind that of padding, {padding}."));
        return new BertConfig
        {
            ModelType = file.Text("model_type")!,
            VocabularySize = file.Positive("vocab_size", vocabulary),
            HiddenSize = hidden,
            Layers = file.Layers("num_hidden_layers", 12),
            ContextLength = context,
            Heads = heads,
            KeyHeads = heads,
            HeadSize = hidden / heads,
            IntermediateSize = file.Positive("intermediate_size", 3072),
            Activation = DecoderKeys.ActivationOf(file, "hidden_act", Activation.Gelu),
            NormEpsilon = file.PositiveNumber("layer_norm_eps", 1e-12),
            Places = table,
            InitializerRange = file.PositiveNumber("initializer_range", 0.02),
            TokenTypes = file.Positive("type_vocab_size", types),
            Classes = Classes(file),
            PaddingPlace = padding,
        };
    }

    // id2label says how many there are; without it there are two, as transformers assumes.
    private static string[] Classes(ModelConfigFile file)
    {
        var count = file.Has("id2label") ? file.Count("id2label") : file.Positive("num_labels", 2);
        if (count > MostClasses)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: num_labels: {count} is more than {MostClasses} classes."));
        if (count < 2)
            throw file.Unsupported("id2label with one class", "at least two are: one number is a regression, which is not computed");
        return [.. Enumerable.Range(0, count).Select(number =>
            file.Text(string.Create(CultureInfo.InvariantCulture, $"id2label.{number}")) ?? string.Create(CultureInfo.InvariantCulture, $"LABEL_{number}"))];
    }
}
