using PeftCluster.Data.Tokenizers;
using PeftCluster.Quickstart.Make.Pretraining;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Quickstart.Make;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;

namespace PeftCluster.Quickstart;

/// <summary>The committed base: its size, what it can do, and what it cannot. Uses libtorch.</summary>
public sealed class BaseTests
{
    private const int LargestFolder = 8_000_000;

    [Fact]
    public void The_base_is_small_and_its_files_agree()
    {
        Assert.InRange(new DirectoryInfo(QuickstartFolder.Base).EnumerateFiles().Sum(file => file.Length), 1, LargestFolder);
        Assert.Equal(TextTokenizer.Load(QuickstartFolder.Base).VocabularySize, ModelConfigFile.Load(QuickstartFolder.Base).VocabularySize);
    }

    [Fact]
    public void The_base_answers_its_own_tasks_and_writes_no_ticket()
    {
        TorchLibrary.Load();
        var tokenizer = TextTokenizer.Load(QuickstartFolder.Base);
        var config = ModelConfigFile.Load(QuickstartFolder.Base);
        using var store = WeightStore.Open(QuickstartFolder.Base, config, cancellation: TestContext.Current.CancellationToken);
        var generator = new AnswerGenerator((Decoder)config.Build(name => store[name]), new Decoding { MaxNewTokens = 24, EndTokens = [tokenizer.EosId!.Value] });
        var data = TicketData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows);
        var tasks = new FamilyTasks(new(Recipe.Seed, "test"), data.Inputs);
        double Right(IReadOnlyList<Row> rows) => rows.Zip(Answers(generator, tokenizer, rows)).Count(pair => pair.First.Output == pair.Second.Trim()) / (double)rows.Count;

        Assert.InRange(Right([.. Enumerable.Range(0, 50).Select(_ => tasks.Question())]), 0.8, 1);
        Assert.InRange(Right([.. data.Heldout.Take(50)]), 0, 0.1);
    }

    [Fact]
    public void A_series_is_learnt_from_its_second_row_on_and_each_answer_ends()
    {
        var tokenizer = TextTokenizer.Load(QuickstartFolder.Base);
        Row[] rows = [new("Write the note.", "Ann", "red"), new("Write the note.", "Ben", "blue")];
        var row = TokenRow.Of(tokenizer, rows, learntFrom: 1);
        Assert.Equal(row.Ids.Length, row.Next.Length);
        Assert.Equal(" Write the note.\nAnn\n red \n\n Write the note.\nBen\n blue", tokenizer.Decode(row.Ids, skipSpecialTokens: false));
        int[] learnt = [.. row.Next.Where(token => token >= 0)];
        Assert.Equal([.. tokenizer.Encode("blue", addSpecialTokens: false), tokenizer.EosId!.Value], learnt);
    }

    private static IEnumerable<string> Answers(AnswerGenerator generator, TextTokenizer tokenizer, IReadOnlyList<Row> rows) =>
        generator.Generate([.. rows.Select(row => tokenizer.Encode(row.Prompt, addSpecialTokens: true))], TestContext.Current.CancellationToken)
            .Select(answer => tokenizer.Decode(answer, skipSpecialTokens: true));
}
