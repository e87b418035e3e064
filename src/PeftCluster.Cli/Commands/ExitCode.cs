namespace PeftCluster.Cli.Commands;

/// <summary>What a command says to the shell that ran it.</summary>
internal enum ExitCode
{
    Done = 0,

    /// <summary>Something failed that the user did not get wrong; for <c>verify</c> also: the bits differ; for <c>adapter diff</c>: the adapters do.</summary>
    Failed = 1,

    /// <summary>The user asked for something that cannot be; one line on standard error says what to change.</summary>
    BadInput = 2,

    /// <summary>The run was paused or cancelled.</summary>
    Stopped = 3,

    /// <summary>The cluster put this node out; its supervisor starts it again.</summary>
    Expelled = 255,
}
