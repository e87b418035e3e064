namespace PeftCluster.Jobs.Spec.Comparison;

/// <summary>
/// What is compared: a parsed and validated compare.yaml. Every arm is a job for each seed; arms differ in what they say and in nothing else, so each
/// seed's jobs draw the same examples.
/// </summary>
/// <param name="Name">A name for people; it also names the default output folder.</param>
/// <param name="Folder">Where the table, the page and the runs go.</param>
/// <param name="Jobs">All jobs, those of the first seed first.</param>
public sealed record ComparisonSpec(string Name, string Folder, IReadOnlyList<ComparedJob> Jobs)
{
    /// <summary>The seeds, in the order in which they were given.</summary>
    public IReadOnlyList<int> Seeds => [.. Jobs.Select(job => job.Seed).Distinct()];
}

/// <summary>One arm with one seed.</summary>
/// <param name="Arm">The arm's name; of prompting the empty text, since one job measures several arms.</param>
/// <param name="Seed">What everything random of it comes from.</param>
/// <param name="WrongLabels">Of prompting, the share of its examples with a wrong answer.</param>
/// <param name="Job">The job. Prompting measures and trains nothing (training.max_steps: 0).</param>
public sealed record ComparedJob(string Arm, int Seed, double WrongLabels, JobSpec Job)
{
    public bool IsPrompting => Arm.Length == 0;
}
