using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft.Prompts;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.PromptTuning;

/// <summary>Prompt tuning (Lester et al., arXiv 2104.08691): the vector is the embeddings [P, D] of P tokens that do not exist.</summary>
public sealed class PromptTuningPlan : EmbeddingPromptPlan
{
    private readonly PromptTuningSpec _spec;
    private readonly ModelConfig _model;

    public PromptTuningPlan(PromptTuningSpec spec, ModelConfig model)
        : base(spec, spec.NumVirtualTokens, model, null) =>
        (_spec, _model) = (spec with { Shape = PromptAdapterConfig.OfEmbeddings(model) }, model);

    public override MethodSpec Method => _spec;

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"prompt tuning, {_spec.NumVirtualTokens} virtual tokens");

    private protected override void InitialiseTable(Span<float> table, long seed, WeightLookup weights)
    {
        var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues);
        if (_spec.PromptTuningInit == PromptTuningInit.Random)
        {
            foreach (ref var value in table)
                value = (float)random.NextGaussian();
            return;
        }
        var embedding_VD = weights($"{_model.EmbeddingPath}.weight");
        for (var place = 0; place < table.Length / _model.HiddenSize; place++)
        {
            var id = _spec.PromptTuningInit == PromptTuningInit.Text ? TextToken(place) : random.NextBelow(_model.VocabularySize);
            CopyRow(embedding_VD, id, table.Slice(place * _model.HiddenSize, _model.HiddenSize));
        }
    }

    // The text is repeated where it is too short.
    private int TextToken(int place)
    {
        var tokens = _spec.StartTokens ?? throw new InvalidOperationException("the start text has no tokens yet");
        var id = tokens[place % tokens.Count];
        return id < _model.VocabularySize
            ? id
            : throw new BadInputException($"method.prompt_tuning_init_text: the tokenizer gives id {id}, but config.json has vocab_size {_model.VocabularySize}. The two belong to different models.");
    }

    private static void CopyRow(Tensor embedding_VD, int id, Span<float> row)
    {
        using var scope = NewDisposeScope();
        embedding_VD[id].CopyNumbersTo(row);
    }
}
