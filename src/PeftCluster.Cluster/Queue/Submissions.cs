using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Queue;

/// <summary>Whether a submission from afar can be taken; every refusal is one line for the user.</summary>
internal static class Submissions
{
    /// <summary>Null: take it.</summary>
    /// <param name="options">The coordinator.</param>
    /// <param name="submit">What is submitted.</param>
    /// <param name="known">The job of this id that is there, or null.</param>
    public static JobRefused? Refused(JobsOptions options, SubmitJob submit, JobEntry? known)
    {
        if (!options.TakesJobsFromAfar)
            return No("this coordinator takes jobs of its own process only", isBadInput: false);
        if (options.Admit(submit) is { } line)
            return No(line, isBadInput: true);
        try
        {
            _ = JobId.Parse(submit.RunId);
            _ = JobFile.Parse(submit.JobYaml, "job.yaml", Environment.CurrentDirectory, []);
        }
        catch (BadInputException wrong)
        {
            return No(wrong.Message, isBadInput: true);
        }
        return (known, submit.Resume) switch
        {
            (null, true) => No($"{submit.RunId}: no such run is known to this coordinator. Submit the job without --resume.", isBadInput: true),
            (not null, false) => No($"{submit.RunId}: a run of this id is there already ({known.Job.Phase.ToString().ToLowerInvariant()}). Add --resume to go on with it.", isBadInput: true),
            _ => null,
        };

        JobRefused No(string reason, bool isBadInput) => new(submit.RunId, reason, isBadInput);
    }
}
