using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>A job over a tiny tokenizer and data files that a test writes, with a cache folder of its own.</summary>
internal sealed class PreparedJob : IDisposable
{
    private readonly TinyModel _model = new TinyModel().Write();

    public string Cache => Path.Combine(_model.Folder, "cache");

    public string TrainPath => Path.Combine(_model.Folder, "train.jsonl");

    public string EvalPath => Path.Combine(_model.Folder, "heldout.jsonl");

    public TinyModel Model => _model;

    public PreparedJob Train(params string[] lines)
    {
        File.WriteAllLines(TrainPath, lines);
        return this;
    }

    public PreparedJob Eval(params string[] lines)
    {
        File.WriteAllLines(EvalPath, lines);
        return this;
    }

    public static string Row(string prompt, string completion) =>
        System.Text.Json.JsonSerializer.Serialize(new { prompt, completion });

    public static string[] Rows(int count) => [.. Enumerable.Range(0, count).Select(row => Row($"q{row} ", $"a{row}"))];

    public JobSpec Spec(Func<DataSpec, DataSpec>? change = null, int microBatches = 3, long seed = 7)
    {
        var data = new DataSpec { Train = TrainPath, Eval = File.Exists(EvalPath) ? EvalPath : null, MaxLength = 64 };
        return new JobSpec
        {
            Name = "test",
            Model = _model.Folder,
            Data = change is null ? data : change(data),
            Method = new LoraSpec(),
            Training = new TrainingSpec { MicroBatches = microBatches, Seed = seed },
            Output = new OutputSpec { Folder = "unused" },
        };
    }

    public PreparedData Prepare(Func<DataSpec, DataSpec>? change = null, int microBatches = 3, long seed = 7) =>
        DataPreparation.Prepare(Spec(change, microBatches, seed), Cache);

    public string[] ShardFiles() => Directory.GetFiles(Path.Combine(Cache, "prepared", "shards"), "*.rows");

    public void Dispose() => _model.Dispose();
}
