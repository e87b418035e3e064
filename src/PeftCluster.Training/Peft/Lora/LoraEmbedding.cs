using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// LoRA of an embedding W [V, D]: a token's row becomes W[id] + s · B A[:, id] with A [r, V], B [D, r]. As in PEFT it is A that begins as zero, B
/// from N(0, 1), and nothing is dropped.
/// </summary>
internal sealed record LoraEmbedding(string Path, long Vocabulary, long Width, int Rank, double Scale, double Ratio)
{
    public string KeyOfA => $"{AdapterFolder.KeyPrefix}{Path}.lora_embedding_A";

    public string KeyOfB => $"{AdapterFolder.KeyPrefix}{Path}.lora_embedding_B";

    public string Weight => $"{Path}.weight";

    public IEnumerable<(string Key, IReadOnlyList<long> Shape, ParameterGroup Group)> Tensors =>
        [(KeyOfA, [Rank, Vocabulary], new ParameterGroup(Ratio)), (KeyOfB, [Width, Rank], new ParameterGroup(Ratio))];

    /// <summary>The embedding where it is a target; else null.</summary>
    /// <exception cref="BadInputException">It is one, and cannot be adapted so.</exception>
    public static LoraEmbedding? Of(LoraSpec spec, TargetModules chosen, ModelConfig model)
    {
        if (!chosen.HasEmbedding(model))
            return null;
        if (model is not DecoderConfig)
            throw new BadInputException($"method.target_modules: the embedding of model_type {model.ModelType}, {model.EmbeddingPath}, takes no adapter. Leave it out.");
        if (spec.UseDora || spec.StartsFromBase)
            throw new BadInputException($"method.target_modules: an embedding, {model.EmbeddingPath}, takes plain LoRA only. Leave it out, or use_dora and init_lora_weights.");
        if (spec.LoraBias)
            throw new BadInputException($"method.lora_bias: an embedding, {model.EmbeddingPath}, has no bias beside B. Leave it out of target_modules, or set lora_bias to false.");
        var rank = TargetModules.Of(spec.RankPattern, model.EmbeddingPath, spec.R);
        return new LoraEmbedding(model.EmbeddingPath, model.VocabularySize, model.HiddenSize, rank, LoraTarget.ScaleOf(spec, model.EmbeddingPath, rank),
            spec.LoraplusLrRatio is null ? 1 : spec.LoraplusEmbeddingRatio);
    }

    public void Fill(VectorLayout layout, Span<float> vector, PhiloxStream random)
    {
        foreach (ref var value in layout.Of(vector, KeyOfB))
            value = (float)random.NextGaussian();
    }

    /// <summary>x [B, T, D] of ids [B, T], changed.</summary>
    public Tensor Apply(Tensor ids, Tensor x, TrainedVector vector)
    {
        var low = vector[KeyOfA].t().index_select(0, ids.reshape(-1));
        return x.Plus(nn.functional.linear(low, vector[KeyOfB]).view(x.shape).Times(Scale));
    }

    /// <summary>W with the change in it.</summary>
    public Tensor Merged(Tensor weight, Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return b.mm(a).t().Times(Scale).Plus(weight).contiguous().DetachFromDisposeScope();
    }
}
