using System.CommandLine;
using System.Globalization;

namespace PeftCluster.Benchmarks.AllReduce;

/// <summary>
/// <c>allreduce</c>: the coordinator's star, as runs use it, beside a ring over plain sockets. A star moves 2·W·V bytes and a ring 2·(W − 1)·V, so the star may take as much
/// longer; the factor of 1.2 on it is what checksums, copies and the protocol may cost. A row says whether that holds.
/// </summary>
internal static class AllReduceCommand
{
    public const string Verb = "allreduce-worker";

    public static Command Create()
    {
        var workers = Reading.Numbers("--workers", "Worker processes.", 2, 4);
        var floats = Reading.Numbers("--floats", "Floats of the vector.", 1 << 20, 4 << 20);
        var transports = Reading.Names("--transport", "Over what: tcp, uds, or shm (shared memory, woken over a Unix socket).", "tcp", "uds", "shm");
        var rounds = new Option<int>("--rounds") { Description = "Measured rounds of each kind, in turn.", DefaultValueFactory = _ => 41 };
        var json = Reading.Json();
        var command = new Command("allreduce", "The coordinator's star beside a ring over plain sockets.") { workers, floats, transports, rounds, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var rows = new List<AllReduceRow>();
            if (!parsed.GetValue(json))
                Console.WriteLine("transport  W   floats      star ms  ring ms  ratio  bound  holds");
            foreach (var transport in parsed.GetRequiredValue(transports))
                foreach (var count in parsed.GetRequiredValue(workers))
                    foreach (var length in parsed.GetRequiredValue(floats))
                    {
                        var row = await AllReduceMeasurement.OfAsync(transport, count, length, parsed.GetValue(rounds), cancellation);
                        rows.Add(row);
                        if (!parsed.GetValue(json))
                            Console.WriteLine(string.Create(
                                CultureInfo.InvariantCulture,
                                $"{transport,-9}  {count,-3} {length,-10}  {row.StarMs,7:0.00}  {row.RingMs,7:0.00}  {row.Ratio,5:0.00}  {row.Bound,5:0.00}  {row.Holds}"));
                    }
            if (parsed.GetValue(json))
                Console.WriteLine(Reading.JsonOf(new { Machine.Here, Rows = rows, Holds = rows.TrueForAll(row => row.Holds) }));
            return rows.TrueForAll(row => row.Holds) ? 0 : 1;
        });
        return command;
    }
}
