using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
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
