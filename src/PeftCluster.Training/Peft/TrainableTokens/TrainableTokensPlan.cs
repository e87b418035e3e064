using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.TrainableTokens;

/// <summary>Rows of the embedding for some tokens, and nothing else: the vector is <see cref="TokenRows"/>.</summary>
public sealed class TrainableTokensPlan : AdapterPlan
{
    private const string JobKey = "method.token_indices";

    private readonly TokenRows _rows;

    /// <exception cref="BadInputException">No token, one that the model does not have, or a model whose embedding cannot be trained so.</exception>
    public TrainableTokensPlan(TrainableTokensSpec spec, ModelConfig model)
    {
        if (spec.TokenIndices is not { Count: > 0 } tokens)
            throw new BadInputException($"{JobKey}: names no token. List the ids of those to train, token_indices: [ID, …].");
        Method = spec;
        _rows = TokenRows.Of(JobKey, tokens, model);
        Layout = VectorLayout.Of([_rows.Tensor]);
    }

    public override MethodSpec Method { get; }

    public override VectorLayout Layout { get; }

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"trainable tokens, {_rows.Tokens.Count} rows of {TargetModules.Name(_rows.Path)}");

    public override double Dropout => 0;

    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        _rows.Fill(Layout, vector, weights);
    }

    public override Attachments Attach(TrainedVector vector, AdapterDropout dropout) => new() { Embedding = _rows.Change(vector), Head = _rows.Head(vector) };

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        var vector = adapter.ToArray();
        return new MergedWeights(weights, new Dictionary<string, Func<Tensor>>(StringComparer.Ordinal)
        {
            [_rows.Weight] = () => _rows.Merged(weights(_rows.Weight), Copy(Layout[_rows.Key], vector)),
        });
    }
}
