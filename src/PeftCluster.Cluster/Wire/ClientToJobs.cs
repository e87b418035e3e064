using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Wire;

/// <summary>client → jobs: where do files go, and who are you? Answer: <see cref="CoordinatorHere"/>.</summary>
public sealed record AskCoordinator : IWireMessage;

/// <summary>
/// client → jobs: take this job. Answer: <see cref="JobTaken"/>, when it is stored, or <see cref="JobRefused"/>. Said again it changes
/// nothing and is answered again.
/// </summary>
/// <param name="RunId">The run's id, a ULID that the client made.</param>
/// <param name="Submission">The client's name for this submission: the same one said twice counts once.</param>
/// <param name="JobYaml">The job with every default, as <c>JobFile.Write</c> gives it.</param>
/// <param name="Data">Its prepared data; the files are in the coordinator's store already.</param>
/// <param name="Resume">Go on with the run of this id, which is paused, failed or cancelled; of a completed one the end is told. Without it a run of this id is refused.</param>
/// <param name="Proof">HMAC-SHA256 of the submission under the cluster's secret, as hex; empty in a cluster without one.</param>
public sealed record SubmitJob(string RunId, string Submission, string JobYaml, DataReference Data, bool Resume, string Proof) : IWireMessage;

/// <summary>
/// client → jobs: tell me what happens. Answer: <see cref="FollowNoted"/>, and a <see cref="JobHappened"/> for each event from the named one
/// on, up to <see cref="Window"/> of them; ask again before that.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="Life">
/// The life of the coordinator that numbered the events; another one begins at its first, and none (empty) at the first of the newest submission.
/// </param>
/// <param name="From">The number of the first event that is wanted.</param>
public sealed record FollowJob(string RunId, string Life, long From) : IWireMessage
{
    /// <summary>How many events are sent for one question: a client that does not keep up does not fill the network.</summary>
    public const int Window = 512;
}

/// <summary>client → jobs: a user's decision. Answer: <see cref="Decided"/>, when it is stored, or <see cref="DecisionRefused"/>.</summary>
public sealed record DecideJob(string RunId, UserDecision Decision) : IWireMessage;

/// <summary>client → jobs: which jobs are there? Answer: <see cref="JobsListed"/>.</summary>
public sealed record ListJobs : IWireMessage;

/// <summary>What a user can decide about a job. The numbers are on the wire: explicit, never changed.</summary>
public enum UserDecision
{
    /// <summary>Finish the step in hand, write a snapshot, end as paused.</summary>
    Pause = 1,

    /// <summary>End at once.</summary>
    Cancel = 2,
}
