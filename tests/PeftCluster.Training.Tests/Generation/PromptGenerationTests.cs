using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Generation;

/// <summary>Answers with something learnt before each row: from the cache those that reading every row anew gives.</summary>
public sealed class PromptGenerationTests
{
    public static TheoryData<string> Prompts => [.. MethodGoldenTests.Cases.Select(row => row.Data).Where(folder => Path.GetFileName(folder) is "prompt" or "prefix" && IsDecoder(folder))];

    [Theory]
    [MemberData(nameof(Prompts))]
    public Task Answers_through_the_cache_are_those_without_one(string folder) => OnDevice.Run(() =>
    {
        using var noGradient = no_grad();
        using var golden = new GoldenCase(folder);
        var ids = golden.Batch.Prompts[0];
        var model = (ICausalModel)golden.Adapted.Model;
        int[][] prompts = [ids[..11], ids[3..5], ids[..1]];
        var answers = new AnswerGenerator(model, new Decoding { MaxNewTokens = 10 }).Generate(prompts, CancellationToken.None);
        for (var row = 0; row < prompts.Length; row++)
            Assert.Equal(WithoutCache(model, prompts[row], 10), answers[row]);
    });

    public static TheoryData<MethodSpec> Methods =>
    [
        new PromptTuningSpec { NumVirtualTokens = 3 },
        new PTuningSpec { NumVirtualTokens = 3, EncoderHiddenSize = 12 },
        new PrefixTuningSpec { NumVirtualTokens = 3 },
        new PrefixTuningSpec { NumVirtualTokens = 3, PrefixProjection = true, EncoderHiddenSize = 12 },
        new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn, ReductionFactor = 4 },
        new FullSpec(),
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_session_answers_from_the_file_as_the_model_that_was_trained(MethodSpec method)
    {
        using var folder = new TemporaryFolder();
        var adapter = Directory.CreateDirectory(folder.File("adapter")).FullName;
        var trained = "";
        await OnDevice.Run(() =>
        {
            TextModel.Write(folder.Path);
            using var noGradient = no_grad();
            using var weights = SharedWeights.Of(folder.Path, CancellationToken.None);
            var plan = AdapterPlan.Of(method, weights.Config);
            var vector = new float[plan.Layout.Length];
            plan.Initialise(vector, 1, name => weights.Store[name]);
            foreach (var slice in plan.Layout.Slices)
            {
                for (var at = slice.Offset; at < slice.Offset + slice.Length; at++)
                    vector[at] += 0.3f * MathF.Sin(at);
            }
            using var adapted = new AdaptedModel(weights.Config, name => weights.Store[name], plan);
            adapted.Vector.Load(vector);
            var answer = new AnswerGenerator((ICausalModel)adapted.Model, new Decoding { MaxNewTokens = 12 }).Generate([[TextModel.Bos, .. TextModel.IdsOf("Where is it?")]], CancellationToken.None);
            trained = TextTokenizer.Load(folder.Path).Decode(answer[0], skipSpecialTokens: true);
            var job = new JobSpec { Name = "a", Model = folder.Path, Method = method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = adapter } };
            AdapterExport.Write(adapter, job, weights.Config.Task, plan, vector, default);
        });
        await using var session = await TextSession.OpenAsync(folder.Path, BaseDtype.Stored, adapter, new ComputeDevice(TorchSharp.DeviceType.CPU, 0), 1, Assert.Fail, TestContext.Current.CancellationToken);
        Assert.Equal(trained, await session.GenerateAsync("Where is it?", new Decoding { MaxNewTokens = 12 }, [], null, TestContext.Current.CancellationToken));
    }

    private static bool IsDecoder(string folder) => ModelConfigFile.Load(Path.Combine(Path.GetDirectoryName(folder)!, "model")).Task == PeftTask.CausalLanguageModel;

    private static int[] WithoutCache(ICausalModel model, int[] prompt, int mostTokens)
    {
        var row = prompt.ToList();
        for (var token = 0; token < mostTokens; token++)
        {
            using var scope = NewDisposeScope();
            var hidden = model.Hidden(tensor(row.Select(id => (long)id).ToArray()).unsqueeze(0));
            row.Add((int)model.Logits(hidden[0][row.Count - 1]).argmax().item<long>());
        }
        return [.. row.Skip(prompt.Length)];
    }
}
