using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

// Two classes at a time: what one waits for (a node that joins, a disk) the other computes. More would only be slower, since each test starts processes of its own.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>The real executable as a process, with a limit on its time. What it wrote is kept; signals are real signals.</summary>
internal sealed partial class Peft : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    private Peft(string folder, string program, IEnumerable<string> words, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PEFTCLUSTER_HOME"] = Home;
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        // Most live for seconds, in which the runtime would compile half of what it has compiled a second time, and never be paid for it (milliseconds, hexadecimal).
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "7D0";
        // No pipes for debuggers, which a killed process would leave in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data, _out);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, _error);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The executable that was built beside these tests.</summary>
    public static string Dll { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "PeftCluster.Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "peft.dll"));

    /// <summary>Prepared data of all tests; content-addressed, so they may share it.</summary>
    private static string Home { get; } = Path.Combine(AppContext.BaseDirectory, "home");

    public static Peft Start(string folder, params IEnumerable<string> words) => new(folder, "dotnet", [Dll, .. words], null);

    /// <summary>With variables of the environment besides.</summary>
    public static Peft StartWith(IReadOnlyDictionary<string, string> environment, string folder, params IEnumerable<string> words) => new(folder, "dotnet", [Dll, .. words], environment);

    public static async Task<Answer> RunAsync(string folder, params IEnumerable<string> words)
    {
        using var peft = Start(folder, words);
        return await peft.EndAsync();
    }

    /// <summary>Another program: the README's own words.</summary>
    public static async Task<Answer> RunAsync(string folder, string program, IEnumerable<string> words, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var peft = new Peft(folder, program, words, environment);
        return await peft.EndAsync();
    }

    /// <summary>Waits until a line with this text has been written.</summary>
    public async Task SeesAsync(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_out)
        {
            if (_out.ToString().Contains(text, StringComparison.Ordinal))
                return;
            _awaited.Add((text, seen));
        }
        var first = await Task.WhenAny(seen.Task, _process.WaitForExitAsync(TestContext.Current.CancellationToken), Task.Delay(Limit, TestContext.Current.CancellationToken));
        Assert.True(first == seen.Task, $"\"{text}\" was never written.\n{_out}\n{_error}");
    }

    /// <summary>The environment that the process has at this moment, as Linux tells it.</summary>
    public Task<string> EnvironmentAsync() => File.ReadAllTextAsync($"/proc/{_process.Id}/environ", TestContext.Current.CancellationToken);

    public void Interrupt() => Assert.Equal(0, Kill(_process.Id, 2));

    public void Terminate() => Assert.Equal(0, Kill(_process.Id, 15));

    /// <summary>SIGKILL: no last word, no flush.</summary>
    public void Kill() => Assert.Equal(0, Kill(_process.Id, 9));

    public async Task<Answer> EndAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"No end within {Limit}.\n{_out}\n{_error}");
        }
        return new Answer(_process.ExitCode, _out.ToString(), _error.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Take(string? line, StringBuilder all)
    {
        if (line is null)
            return;
        lock (_out)
        {
            all.Append(line).Append('\n');
            foreach (var (_, seen) in _awaited.Where(awaited => line.Contains(awaited.Text, StringComparison.Ordinal)))
                seen.TrySetResult();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}

/// <summary>What a process wrote, and its exit code.</summary>
internal sealed record Answer(int Code, string Out, string Error)
{
    /// <summary>The object on the last line of standard output.</summary>
    public JsonElement Json => JsonDocument.Parse(Out.TrimEnd().Split('\n')[^1]).RootElement;

    public string Status => Json.GetProperty("status").GetString()!;

    public string Sha256 => Json.GetProperty("adapter_sha256").GetString()!;

    public Answer With(int code)
    {
        Assert.True(code == Code, $"exit code {Code} instead of {code}\n{Out}\n{Error}");
        return this;
    }
}
