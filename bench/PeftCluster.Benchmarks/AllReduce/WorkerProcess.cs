using System.Diagnostics;

namespace PeftCluster.Benchmarks.AllReduce;

/// <summary>A worker of the benchmark: this program again, told what to do by lines. In a cluster the lines are Akka's messages.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    public WorkerProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException("no process was started");
    }

    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public async Task<string> HearAsync(CancellationToken cancellation) =>
        await _process.StandardOutput.ReadLineAsync(cancellation) ?? throw new IOException("a worker has ended");

    public async Task ExpectAsync(string line, CancellationToken cancellation)
    {
        if (await HearAsync(cancellation) is var heard && heard != line)
            throw new InvalidDataException($"a worker says \"{heard}\" where \"{line}\" is due");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        if (await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(5))) is { } first && !_process.HasExited && first.IsCompleted)
            _process.Kill();
        _process.Dispose();
    }
}
