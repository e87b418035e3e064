using System.CommandLine;
using PeftCluster.Benchmarks.AllReduce;
using PeftCluster.Benchmarks.Heartbeats;
using PeftCluster.Benchmarks.Model;
using PeftCluster.Benchmarks.Runs;
using PeftCluster.Benchmarks.Tokenizers;

// A benchmark starts itself again as its workers; that is no command of the user's.
switch (args)
{
    case [AllReduceCommand.Verb, .. var rest]:
        return await WorkerLoop.RunAsync(rest);
    case [HeartbeatsCommand.Verb, .. var rest]:
        return await HeartbeatsCommand.RunWorkerAsync(rest);
    case [RunNode.Verb, .. var rest]:
        return await RunNode.RunAsync(rest);
}
var root = new RootCommand("Measures what PeftCluster costs beside what the machine allows. Judge ratios: machines differ.")
{
    AllReduceCommand.Create(), HeartbeatsCommand.Create(), MemoryCommand.Create(), ModelCommand.Create(), OverheadCommand.Create(),
    TokenizersCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
