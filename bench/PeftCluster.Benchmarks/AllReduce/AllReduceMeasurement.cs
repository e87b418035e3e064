using System.Diagnostics;
using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Benchmarks.AllReduce;

/// <summary>
/// One row: worker processes, one endpoint, and rounds of star and ring in turn, so that whatever else the machine does strikes both. A round lasts from the moment
/// when all have their vectors until the last has the sum.
/// </summary>
internal sealed class AllReduceMeasurement : IAsyncDisposable
{
    private const int WarmUp = 60;

    private readonly ByteEndpoint _endpoint;
    private readonly ChildProcess[] _workers;
    private readonly TreeSum _sum;
    private readonly int _floats;
    private readonly CancellationToken _cancellation;
    private float[]? _published;
    private int _step;

    private AllReduceMeasurement(ByteEndpoint endpoint, string transport, int workers, int floats, CancellationToken cancellation)
    {
        (_endpoint, _cancellation) = (endpoint, cancellation);
        _workers = [.. Enumerable.Range(0, workers).Select(rank => new ChildProcess(AllReduceCommand.Verb, $"{rank}", $"{workers}", endpoint.Address, transport, $"{floats}"))];
        _sum = new TreeSum(new ReductionTree(workers), floats);
        _floats = floats;
    }

    public static async Task<AllReduceRow> OfAsync(string transport, int workers, int floats, int rounds, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("peft-bench-").FullName;
        try
        {
            await using var endpoint = await ByteEndpoint.ListenAsync(
                new ByteEndpointOptions { Content = new ContentFolder(folder), UnixSocketFolder = transport != "tcp" ? folder : null }, cancellation);
            await using var measured = new AllReduceMeasurement(endpoint, transport, workers, floats, cancellation);
            return await measured.RunAsync(transport, rounds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
            await worker.DisposeAsync();
    }

    private async Task<AllReduceRow> RunAsync(string transport, int rounds)
    {
        var next = await Task.WhenAll(_workers.Select(async worker => (await worker.HearAsync(_cancellation)).Split(' ')[1]));
        await TellAsync(rank => $"ring {next[(rank + 1) % _workers.Length]}");
        // The endpoint knows the length from the first version, as in a run.
        Publish(0, new float[_floats]);
        for (var round = 0; round < WarmUp; round++)
        {
            await StarAsync();
            await RingAsync();
        }
        await TellAsync(_ => "check star");
        await TellAsync(_ => "check ring");
        var before = _endpoint.BytesMoved;
        List<double> star = [], ring = [];
        for (var round = 0; round < rounds; round++)
        {
            star.Add(await StarAsync());
            ring.Add(await RingAsync());
        }
        return new AllReduceRow(
            transport, _workers.Length, _floats, rounds, Reading.Median(star), Reading.Median(ring),
            (_endpoint.BytesMoved - before) / rounds, 2L * (_workers.Length - 1) * _floats * sizeof(float));
    }

    /// <summary>As a run does it: each vector is taken and added when its worker says that it is there, and the sum is published.</summary>
    private async Task<double> StarAsync()
    {
        var step = ++_step;
        await ReadyAsync($"star {step}");
        var started = Stopwatch.GetTimestamp();
        Go();
        _sum.Clear();
        using var line = new SemaphoreSlim(1);
        await Task.WhenAll(_workers.Select(async (worker, rank) =>
        {
            await worker.ExpectAsync("done", _cancellation);
            await line.WaitAsync(_cancellation);
            await _endpoint.Vectors.TakeAsync(
                new VectorAddress(WorkerLoop.Job, 1, step, TreeNode.Leaf(rank), $"cpu:{rank}"), WorkerLoop.Layout, _floats,
                (vector, _) =>
                {
                    var free = (float[]?)vector;
                    _sum.Exchange(TreeNode.Leaf(rank), [(UInt128)rank], ref free);
                    return free;
                }, _cancellation);
            line.Release();
        }));
        Publish(step, _sum.Release());
        await TellAsync(_ => $"fetch {step}");
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private void Publish(int version, float[] values)
    {
        if (_endpoint.Vectors.Withdraw(WorkerLoop.Job, 1) && _published is { } before)
            _endpoint.Vectors.Free(before);
        _published = values;
        _endpoint.Vectors.PublishInPlace(WorkerLoop.Job, 1, version, WorkerLoop.Layout, values);
    }

    private async Task<double> RingAsync()
    {
        await ReadyAsync("round");
        var started = Stopwatch.GetTimestamp();
        Go();
        await Task.WhenAll(_workers.Select(worker => worker.ExpectAsync("done", _cancellation)));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private async Task ReadyAsync(string line)
    {
        foreach (var worker in _workers)
            worker.Tell(line);
        await Task.WhenAll(_workers.Select(worker => worker.ExpectAsync("ready", _cancellation)));
    }

    private void Go()
    {
        foreach (var worker in _workers)
            worker.Tell("go");
    }

    private async Task TellAsync(Func<int, string> line)
    {
        for (var rank = 0; rank < _workers.Length; rank++)
            _workers[rank].Tell(line(rank));
        await Task.WhenAll(_workers.Select(worker => worker.ExpectAsync("done", _cancellation)));
    }
}
