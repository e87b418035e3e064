using PeftCluster.Cli.Commands;
using PeftCluster.Cluster.Node;
using PeftCluster.Training.Native;

if (CommandLine.MayCompute(args))
    ProcessStart.AgainWith(GlibcTunables.Lacking, YoungGeneration.Lacking);
return await CommandLine.RunAsync(args, Terminal.OfProcess());
