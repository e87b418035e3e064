using System.Globalization;
using PeftCluster.Cli.Commands;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Reports;

namespace PeftCluster.Cli.Rendering;

/// <summary>The block above a run: what runs where, on what, with what.</summary>
internal static class HeaderText
{
    public static IEnumerable<string> Lines(RunHeader header, RunStarted started)
    {
        var node = header.Node;
        var workers = Count(started.Workers.Count, "worker");
        yield return $"PeftCluster {CommandLine.Version}  ·  {header.Job.Name}  ·  run {started.RunId}  ·  {(node.IsElsewhere ? "cluster of" : "embedded cluster on")} {node.Address} (1 coordinator, {workers}, {NumericName(node)}, {Count(node.Threads, "thread")} each)";
        yield return $"base     {started.Source.Architecture}, {Figures.Size(started.Source.BaseParameters)} parameters, sha256 {header.Base.Sha256[..8]}…   adapter  {started.Source.Method}: {Figures.Count(started.Source.TrainedParameters)} trainable ({Share(started)})";
        yield return $"data     {Data(header, started)}";
        yield return $"memory   {Figures.Bytes(header.Base.Bytes)} of base weights, {(node.IsElsewhere ? "once on each node" : $"shared by {workers}")}; {Figures.Bytes(4L * started.Source.Layout.Length)} per step and worker between them and the coordinator";
        if (started.FirstStep > 0)
            yield return $"resumed  at step {Figures.Count(started.FirstStep)} of {Figures.Count(started.TotalSteps)}, attempt {started.Attempt}";
    }

    private static string Data(RunHeader header, RunStarted started)
    {
        var (training, train) = (header.Job.Training, header.Data.Train);
        var epochs = training.MaxSteps is null ? $", {Epochs(training)}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{Figures.Count(train.Rows)} rows → {(started.TotalSteps == 0 ? "examples only, nothing is trained" : $"{Figures.Count(started.TotalSteps)} steps of {training.MicroBatches} × {training.MicroBatchSize} rows{epochs}")}; {train.Truncated:N0} rows truncated, {train.AllLeftOut:N0} left out; labels on {train.LabelledShare * 100:0} % of tokens");
    }

    private static string Epochs(TrainingSpec training) => string.Create(CultureInfo.InvariantCulture,
        $"{training.NumTrainEpochs:0.##} {(training.NumTrainEpochs == 1 ? "epoch" : "epochs")}");

    /// <summary>The class's first words: "cpu avx512".</summary>
    private static string NumericName(NodeFacts node) => node.NumericClass.Split(';')[0].Replace("cpu ", "cpu, ", StringComparison.Ordinal);

    private static string Count(int number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    private static string Share(RunStarted started) =>
        Figures.SmallPercent((double)started.Source.TrainedParameters / Math.Max(started.Source.BaseParameters, 1));
}
