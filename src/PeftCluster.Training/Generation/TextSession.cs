using System.Globalization;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Generation;

/// <summary>One process that answers texts: a model, an adapter if there is one, and the device's thread that both live on.</summary>
public sealed class TextSession : IAsyncDisposable
{
    private readonly DeviceThread _thread;
    private readonly TextTokenizer _tokenizer;
    private readonly SharedWeights _weights;
    private readonly AdaptedModel? _adapted;
    private readonly ILanguageModel _model;

    private TextSession(DeviceThread thread, TextTokenizer tokenizer, SharedWeights weights, AdaptedModel? adapted)
    {
        (_thread, _tokenizer, _weights, _adapted) = (thread, tokenizer, weights, adapted);
        _model = (adapted?.Model ?? weights.Config.Build(name => weights.Store[name])).AsLanguageModel();
    }

    /// <summary>Loads a model.</summary>
    /// <param name="model">The base model's folder.</param>
    /// <param name="dtype">The base's number format.</param>
    /// <param name="adapter">An adapter's folder, or null for the base model alone.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="threads">Threads inside one operation.</param>
    /// <param name="warn">Takes what a user should read once, a line each.</param>
    /// <param name="cancellation">Polled while weights are read.</param>
    /// <exception cref="BadInputException">Model or adapter are missing, bad or of a kind that is not supported, or do not belong together.</exception>
    public static async Task<TextSession> OpenAsync(
        string model, BaseDtype dtype, string? adapter, ComputeDevice device, int threads, Action<string> warn, CancellationToken cancellation)
    {
        var tokenizer = TextTokenizer.Load(model);
        var files = adapter is null ? null : AdapterFolder.Open(adapter, warn);
        var thread = new DeviceThread(device, threads);
        try
        {
            return await thread.RunAsync(token => Load(thread, tokenizer, (model, dtype), files, token), cancellation);
        }
        catch
        {
            await thread.DisposeAsync();
            throw;
        }
    }

    /// <summary>An answer.</summary>
    /// <param name="prompt">The text before it; special tokens that the tokenizer puts in front are added.</param>
    /// <param name="decoding">How it is chosen; where it names no tokens of end, those of the model end it.</param>
    /// <param name="stops">Texts that end it and are no part of it.</param>
    /// <param name="write">Hears of each piece of the answer as it comes, on another thread; with beams, of the whole.</param>
    /// <param name="cancellation">Polled at each token.</param>
    /// <exception cref="BadInputException">The prompt is empty, or the tokenizer knows more tokens than the model.</exception>
    public Task<string> GenerateAsync(string prompt, Decoding decoding, IReadOnlyList<string> stops, Action<string>? write, CancellationToken cancellation)
    {
        if (decoding.EndTokens.Count == 0)
            decoding = decoding with { EndTokens = [.. _tokenizer.EndIds.Where(id => id < _model.Config.VocabularySize)] };
        int[] ids = [.. _tokenizer.Prefix, .. _tokenizer.Encode(prompt, addSpecialTokens: false), .. _tokenizer.PromptEnd];
        if (ids.Length == 0)
            throw new BadInputException("The prompt is empty, and this model has no token of begin. Write something that it can go on from.");
        if (ids.Max() >= _model.Config.VocabularySize)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"The tokenizer gives token {ids.Max()}, but the model knows {_model.Config.VocabularySize} only: tokenizer.json and config.json do not belong together."));
        return _thread.RunAsync(token =>
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            using var noGraph = TorchSharp.torch.no_grad();
            var question = _model.Begin(PromptRows.Questions([ids]), token);
            var text = new TextStream(_tokenizer, stops, write);
            if (decoding.Beams > 1)
                _ = new BeamSearch(question.Model, decoding).Answer(question.Prompts()[0], token)[0].Tokens.All(text.Add);
            else
                new AnswerGenerator(question.Model, decoding).Generate(question.Prompts(), token, (_, next) => text.Add(next));
            text.End();
            return text.Text;
        }, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _thread.RunAsync(_ =>
        {
            _adapted?.Dispose();
            _weights.Dispose();
        }, CancellationToken.None);
        await _thread.DisposeAsync();
    }

    private static TextSession Load(DeviceThread thread, TextTokenizer tokenizer, (string Folder, BaseDtype Dtype) model, AdapterFolder? adapter, CancellationToken cancellation)
    {
        var weights = SharedWeights.Of(model.Folder, model.Dtype, cancellation);
        try
        {
            return new TextSession(thread, tokenizer, weights, adapter is null ? null : Adapted(weights, adapter));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    private static AdaptedModel Adapted(SharedWeights weights, AdapterFolder adapter)
    {
        adapter.CheckTask(weights.Config);
        var plan = AdapterPlan.Of(adapter.Method, weights.Config);
        var vector = adapter.Read(plan.Layout);
        var adapted = new AdaptedModel(weights.Config, name => weights.Store[name], plan);
        adapted.Vector.Load(vector);
        return adapted;
    }
}
