using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using TorchSharp;

namespace PeftCluster.Training.Tests.Generation;

/// <summary>A process that answers texts, with the base alone and with an adapter.</summary>
public sealed class TextSessionTests : IDisposable
{
    private static readonly ComputeDevice Cpu = new(DeviceType.CPU, 0);
    private readonly TemporaryFolder _folder = new();

    public TextSessionTests() => OnDevice.Run(() => TextModel.Write(_folder.Path)).GetAwaiter().GetResult();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_untrained_adapter_answers_as_the_base_and_a_trained_one_does_not()
    {
        var alone = await Answer(null);
        Assert.Equal(12, alone.Length);
        Assert.Equal(alone, await Answer(Adapter("untrained", vector => { })));
        Assert.NotEqual(alone, await Answer(Adapter("trained", vector =>
        {
            for (var at = 0; at < vector.Length; at++)
                vector[at] = MathF.Sin(at);
        })));
    }

    [Fact]
    public async Task Pieces_make_the_answer_and_a_stop_text_ends_it_before_it_is_written()
    {
        var whole = await Answer(null);
        var pieces = new List<string>();
        Assert.Equal(whole, await Answer(null, [], pieces.Add));
        Assert.Equal(whole, string.Concat(pieces));
        Assert.Equal(12, pieces.Count);
        var (stop, at) = (whole[5..8], whole.IndexOf(whole[5..8], StringComparison.Ordinal));
        pieces.Clear();
        Assert.Equal(whole[..at], await Answer(null, ["never", stop], pieces.Add));
        Assert.Equal(whole[..at], string.Concat(pieces));
    }

    [Fact]
    public async Task Beams_answer_too()
    {
        await using var session = await TextSession.OpenAsync(_folder.Path, BaseDtype.Stored, null, Cpu, 1, Assert.Fail, TestContext.Current.CancellationToken);
        var pieces = new List<string>();
        var answer = await session.GenerateAsync("Where is it?", new Decoding { Beams = 3, MaxNewTokens = 12 }, [], pieces.Add, TestContext.Current.CancellationToken);
        Assert.Equal(12, answer.Length);
        Assert.Equal(answer, string.Concat(pieces));
    }

    [Fact]
    public void A_letter_of_several_tokens_is_written_when_it_is_whole()
    {
        var pieces = new List<string>();
        var text = new TextStream(TextTokenizer.Load(_folder.Path), [], pieces.Add);
        foreach (var value in "aé€b"u8)
            Assert.True(text.Add(2 + value));
        text.End();
        Assert.Equal(["a", "é", "€", "b"], pieces);
    }

    [Fact]
    public async Task An_adapter_of_another_model_is_refused()
    {
        var adapter = Adapter("wide", vector => { }, TextModel.Config with { HiddenSize = 64 });
        var error = await Assert.ThrowsAsync<BadInputException>(() => Answer(adapter));
        Assert.Contains("has shape", error.Message, StringComparison.Ordinal);
    }

    private async Task<string> Answer(string? adapter, string[]? stops = null, Action<string>? write = null)
    {
        await using var session = await TextSession.OpenAsync(_folder.Path, BaseDtype.Stored, adapter, Cpu, 1, Assert.Fail, TestContext.Current.CancellationToken);
        return await session.GenerateAsync("Where is it?", new Decoding { MaxNewTokens = 12 }, stops ?? [], write, TestContext.Current.CancellationToken);
    }

    private string Adapter(string name, Action<float[]> train, ModelConfig? config = null)
    {
        var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        var job = new JobSpec
        {
            Name = name,
            Model = _folder.Path,
            Method = new LoraSpec { R = 4, LoraAlpha = 64 },
            Data = new DataSpec { Train = "train.jsonl" },
            Output = new OutputSpec { Folder = folder },
        };
        var plan = AdapterPlan.Of(job.Method, config ?? TextModel.Config);
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 1, name => throw new InvalidOperationException(name));
        train(vector);
        AdapterExport.Write(folder, job, PeftTask.CausalLanguageModel, plan.Layout, vector);
        return folder;
    }
}
