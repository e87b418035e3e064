using PeftCluster.Cli.Commands;

return await CommandLine.RunAsync(args, Terminal.OfProcess());
