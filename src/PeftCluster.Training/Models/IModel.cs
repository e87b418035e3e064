using PeftCluster.Jobs;
using PeftCluster.Training.Losses;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// A model of any kind as training sees it: rows of prompt and completion in, what their loss is made of out. One that writes text is an
/// <see cref="ILanguageModel"/>; a classifier's completion is one number, the class.
/// </summary>
public interface IModel
{
    ModelConfig Config { get; }

    /// <summary>What the model says where there are labels; the graph lives in the current dispose scope.</summary>
    /// <param name="rows">At least one row with a label.</param>
    /// <param name="cancellation">Polled between layers.</param>
    LabelledStates Labelled(PromptRows rows, CancellationToken cancellation = default);
}

/// <summary>What a batch gave at its M labelled places.</summary>
/// <param name="States_MD">What the head reads of hidden states; without a head the logits themselves.</param>
/// <param name="Places">The places, and what is to be predicted there.</param>
/// <param name="Head">What makes logits of the states; null: they are logits.</param>
public sealed record LabelledStates(Tensor States_MD, LabelledPlaces Places, OutputHead? Head)
{
    /// <summary>[M, V]</summary>
    public Tensor Logits() => Head is null ? States_MD : Head.LogitsOfRead(States_MD);
}

/// <summary>What only some models do.</summary>
public static class ModelKinds
{
    /// <summary>The model as one that writes text.</summary>
    /// <exception cref="BadInputException">It names a text's class.</exception>
    public static ILanguageModel AsLanguageModel(this IModel model) => model as ILanguageModel
        ?? throw new BadInputException($"model: model_type {model.Config.ModelType} with a classification head names a text's class and writes no text. Give a model that does.");
}
