using System.Diagnostics;
using System.Text;
using PeftCluster.Cluster.Faults;

namespace PeftCluster.Server.Chaos;

/// <summary>A node that runs as a process: what it said, whether it is up, how it ended.</summary>
internal sealed class NodeProcessHandle : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcessHandle(NodeFiles files, Process process) => (Files, _process) = (files, process);

    public NodeFiles Files { get; }

    public int Id => _process.Id;

    /// <summary>Done when it has said that it is up.</summary>
    public Task Up => _up.Task;

    public bool HasEnded => _process.HasExited;

    /// <summary>How it ended: 255 is expelled, 137 killed.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Whether its cluster has put it out: a supervisor starts it again.</summary>
    public bool WasExpelled => ExitCode == 255;

    /// <summary>All that it has said.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    public static NodeProcessHandle Start(NodeFiles files, Process process)
    {
        var handle = new NodeProcessHandle(files, process);
        process.OutputDataReceived += (_, line) => handle.Hear(line.Data);
        process.ErrorDataReceived += (_, line) => handle.Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return handle;
    }

    public void Kill()
    {
        if (!HasEnded)
            ProcessSignal.Kill(Id);
    }

    public void Terminate() => ProcessSignal.Terminate(Id);

    public void Continue() => ProcessSignal.Continue(Id);

    public Task EndedAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_said)
            _said.Append(line).Append('\n');
        if (line.Contains(" is up", StringComparison.Ordinal))
            _up.TrySetResult();
    }
}
