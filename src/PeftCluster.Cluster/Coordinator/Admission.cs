using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// Who may work in this cluster at all. Base, data and numeric class are compared by each run, since they are a job's; the build and the
/// secret are the cluster's. Pure.
/// </summary>
/// <param name="Build">This coordinator's build; null admits every build, as within one process.</param>
/// <param name="IsProven">Whether an offer comes from somebody who knows the cluster's secret.</param>
internal sealed record Admission(string? Build, Func<Offer, bool> IsProven)
{
    /// <summary>For workers of the coordinator's own process.</summary>
    public static Admission OwnProcess { get; } = new(null, _ => true);

    /// <summary>Why an offer is refused, in one line; null when it is not.</summary>
    public string? Refusal(Offer offer)
    {
        if (!IsProven(offer))
            return "it does not know the cluster's secret. Give it the coordinator's --secret-file.";
        return Build is not null && offer.Node.Build != Build
            ? $"its build is {offer.Node.Build}, the coordinator's is {Build}. Install the same one."
            : null;
    }
}
