using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Native;
using PeftCluster.Training.Source;
using PeftCluster.Training.Tests.Golden;
using TorchSharp;

namespace PeftCluster.Training.Tests.Source;

/// <summary>A tiny model on disk and a job over seeded rows in memory.</summary>
internal sealed class TinyJob : IDisposable
{
    public const int PaddedLength = 16;

    public TinyJob()
    {
        TorchLibrary.Load();
        Folder = Directory.CreateTempSubdirectory("peftcluster-job-").FullName;
        using var scope = torch.NewDisposeScope();
        TinyLlama.Write(Folder, TinyLlama.Config, TinyLlama.Weights(TinyLlama.Config));
    }

    public string Folder { get; }

    public MemoryRows Rows { get; } = MemoryRows.Seeded(12);

    public JobSpec Spec(MethodSpec? method = null) => new()
    {
        Name = "tiny",
        Model = Folder,
        Data = new DataSpec { Train = "rows.jsonl" },
        Method = method ?? new LoraSpec { R = 4 },
        Output = new OutputSpec { Folder = "runs/tiny" },
    };

    public TorchSourceFactory Device(int index = 0, int threads = 1) => new(new ComputeDevice(DeviceType.CPU, index), threads, Rows);

    /// <summary>A version with B not zero, so that A has a gradient too.</summary>
    public static async Task<float[]> Adapter(IStepSource source)
    {
        var adapter = new float[(await source.DescribeAsync(default)).Layout.Length];
        await source.InitialiseAsync(adapter, default);
        for (var index = 0; index < adapter.Length; index++)
            adapter[index] += MathF.Sin(index) * 0.05f;
        return adapter;
    }

    public GradientWork Work(int step, params int[] rows) => new(step,
        new MicroBatch(0, rows, PaddedLength, rows.Sum(Rows.Labels), rows.Sum(Rows.Length)), 40);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Rows in memory.</summary>
internal sealed class MemoryRows(IReadOnlyList<(int[] Tokens, int Prompt)> rows) : ITokenRows
{
    public static MemoryRows Seeded(int count) => new([.. Enumerable.Range(0, count).Select(row =>
        (Enumerable.Range(0, 7 + row % 9).Select(token => (row * 31 + token * 17) % 64).ToArray(), 2 + row % 4))]);

    public int Count => rows.Count;

    public int Length(int row) => rows[row].Tokens.Length;

    public int Labels(int row) => rows[row].Tokens.Length - Math.Max(1, rows[row].Prompt);

    public ReadOnlySpan<int> Tokens(int row) => rows[row].Tokens;

    public int PromptLength(int row) => rows[row].Prompt;

    public ReadOnlySpan<LabelSpan> Labelled(int row) => new LabelSpan[] { new(rows[row].Prompt, rows[row].Tokens.Length) };
}
