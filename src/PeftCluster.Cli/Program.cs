using PeftCluster.Cli.Commands;
using PeftCluster.Training.Native;

if (CommandLine.MayCompute(args))
    GlibcTunables.Apply();
return await CommandLine.RunAsync(args, Terminal.OfProcess());
