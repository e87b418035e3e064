using System.CommandLine;
using PeftCluster.Cli.Rendering;
using PeftCluster.Cluster.Node;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;

namespace PeftCluster.Cli.Commands;

/// <summary><c>peft train JOB</c>: the job runs on a cluster inside this process or on one elsewhere, and the user watches it.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = new JobOptions();
        var resume = new Option<bool>("--resume") { Description = "Go on with the run that lies in output.folder: it ends with the bits of an undisturbed run." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the job with every default written out, and train nothing." };
        var quiet = new Option<bool>("--quiet") { Description = "Print errors only." };
        var cluster = new Option<string?>("--cluster") { Description = "Train on the cluster of this node instead of in this process. What is submitted goes on without this process.", HelpName = "HOST:PORT" };
        var advertise = new Option<string?>("--advertise") { Description = "With --cluster: what the cluster's nodes call this machine, where they cannot find out.", HelpName = "HOST" };
        var reach = new ClusterOptions();
        var (json, verbose) = (JobOptions.Json("End standard output with one JSON object."), JobOptions.Verbose());
        var command = new Command("train", "Fine-tune a model as a job file says. Ctrl-C pauses with a snapshot; a second one ends at once.");
        job.AddTo(command);
        foreach (var option in (Option[])[resume, dryRun, cluster, advertise])
            command.Add(option);
        reach.AddTo(command);
        foreach (var option in (Option[])[json, quiet, verbose])
            command.Add(option);
        command.SetAction(async parsed =>
        {
            var ending = new Ending(terminal, parsed.GetValue(json), parsed.GetValue(verbose));
            return await ending.OfAsync(async () => parsed.GetValue(dryRun)
                ? DryRun(terminal, job.Load(parsed), parsed.GetValue(json))
                : await RunAsync(terminal, ending, job.Load(parsed), new Request(
                    parsed.GetRequiredValue(job.Job), parsed.GetValue(resume), parsed.GetValue(json), parsed.GetValue(quiet), parsed.GetValue(verbose),
                    parsed.GetValue(cluster) is { } place ? reach.Remote(parsed, HostPort.Parse(place, "--cluster"), parsed.GetValue(advertise)) : null)));
        });
        return command;
    }

    private sealed record Request(string JobPath, bool Resume, bool Json, bool Quiet, bool Verbose, RemoteNodeSettings? Cluster);

    private static ExitCode DryRun(Terminal terminal, JobSpec job, bool json)
    {
        var (text, workers, reason) = (JobFile.Write(job), WorkerCount.Of(job, Environment.ProcessorCount), WorkerCount.Reason(job, Environment.ProcessorCount));
        terminal.Out.Write(text);
        terminal.Out.WriteLine($"# Here it would run with {workers} workers: {reason}.");
        if (json)
            terminal.Out.WriteLine(JsonLine.Of(new { Status = "dry_run", Workers = workers, Reason = reason, Job = text }));
        return ExitCode.Done;
    }

    private static async Task<ExitCode> RunAsync(Terminal terminal, Ending ending, JobSpec job, Request request)
    {
        using var interruption = new Interruption();
        using var screen = RunScreen.For(terminal, request.Quiet);
        using var log = new RunLog(request.Verbose);
        using var watchers = StandardWatchers.With(log, TimeProvider.System, screen);
        var outcome = await screen.ShowAsync(async () =>
        {
            await using IRunPlace node = request.Cluster is { } cluster
                ? await RemoteNode.StartAsync(job, cluster with { System = cluster.System with { Logger = log.Logger() }, Preparing = screen }, interruption.Token)
                : await EmbeddedNode.StartAsync(job, new NodeOptions { Logger = log.Logger(), Preparing = screen }, interruption.Token);
            var run = await node.SubmitAsync(job, request.JobPath, new SubmitOptions(request.Resume), interruption.Token);
            ending.Log = run.Header.Folder.Log;
            interruption.Take(
                () =>
                {
                    screen.Say($"pausing: finishing the step in hand, then writing a snapshot (again to stop at once) … resume with: peft train {request.JobPath} --resume");
                    run.Pause();
                },
                run.Cancel);
            return await run.WatchAsync(watchers);
        });
        if (outcome.Ended.Phase == JobPhase.Failed)
            terminal.Error.WriteLine($"{outcome.Ended.Reason} The log has more: {outcome.Header.Folder.Log}");
        if (request.Json)
            terminal.Out.WriteLine(JsonLine.Of(TrainResult.Of(outcome)));
        return outcome.Ended.Phase switch
        {
            JobPhase.Completed => ExitCode.Done,
            JobPhase.Failed => ExitCode.Failed,
            _ => ExitCode.Stopped,
        };
    }
}
