namespace PeftCluster.Data.Formats;

/// <summary>One row of a data file as texts: what the model is shown, and what it must learn to answer.</summary>
/// <param name="Line">The line of the file, from 1.</param>
/// <param name="Prompt">The prompt, its template applied.</param>
/// <param name="Completion">The answer; never blank.</param>
public sealed record Example(int Line, string Prompt, string Completion);
