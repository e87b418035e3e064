using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Native;

namespace PeftCluster.Server.Node;

/// <summary>One text answered on this machine, with all of its cores.</summary>
public static class TextAnswer
{
    /// <param name="question">What is asked, of which model.</param>
    /// <param name="write">Hears of each piece of the answer as it comes; null: nobody listens.</param>
    /// <param name="warn">Takes what a user should read once, a line each.</param>
    /// <param name="cancellation">Ends it between tokens.</param>
    /// <exception cref="BadInputException">Model, adapter or device are not fit.</exception>
    public static async Task<string> OfAsync(TextQuestion question, Action<string>? write, Action<string> warn, CancellationToken cancellation)
    {
        var model = HubFolder.Here(new NodeFolders().Hub, question.Model);
        if (!Directory.Exists(model))
            throw new BadInputException($"--model: {question.Model}: no such folder, and no model of that name in the Hugging Face cache. It has to hold config.json, *.safetensors and tokenizer.json.");
        var device = ComputeDevice.For(question.Device, workers: 1)[0];
        await using var session = await TextSession.OpenAsync(
            model, question.BaseDtype, question.Adapter, device, Environment.ProcessorCount, warn, cancellation);
        return await session.GenerateAsync(question.Prompt, question.Decoding, question.Stops, write, cancellation);
    }
}

/// <param name="Model">The base model's folder, or its name in the Hugging Face cache.</param>
/// <param name="Adapter">An adapter's folder, or null.</param>
/// <param name="Prompt">The text to go on from.</param>
/// <param name="Decoding">How the answer is chosen.</param>
/// <param name="Stops">Texts that end it and are no part of it.</param>
/// <param name="Device">auto, cpu or cuda:N.</param>
/// <param name="BaseDtype">The base's number format.</param>
public sealed record TextQuestion(string Model, string? Adapter, string Prompt, Decoding Decoding, IReadOnlyList<string> Stops, string Device, BaseDtype BaseDtype);
