using System.Diagnostics;
using PeftCluster.Cluster.Node;

namespace PeftCluster.Benchmarks;

/// <summary>This program again as a part of a benchmark, told what to do by lines; the end of its input ends it.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    public ChildProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        // As peft starts its own.
        if (YoungGeneration.Lacking is var (name, value))
            start.Environment[name] = value;
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException("no process was started");
    }

    public int Id => _process.Id;

    /// <summary>Ends it as a crash or a pulled plug would: nothing of it runs any more.</summary>
    public void Kill() => _process.Kill();

    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public async Task<string> HearAsync(CancellationToken cancellation) =>
        await _process.StandardOutput.ReadLineAsync(cancellation) ?? throw new IOException("a process of the benchmark has ended");

    public async Task ExpectAsync(string line, CancellationToken cancellation)
    {
        if (await HearAsync(cancellation) is var heard && heard != line)
            throw new InvalidDataException($"a worker says \"{heard}\" where \"{line}\" is due");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.StandardInput.Close();
        if (await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(5))) is { } first && !_process.HasExited && first.IsCompleted)
            _process.Kill();
        _process.Dispose();
    }
}
