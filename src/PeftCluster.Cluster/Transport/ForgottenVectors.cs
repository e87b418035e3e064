namespace PeftCluster.Cluster.Transport;

/// <summary>
/// What nobody will take any more: steps that are over, attempts that have ended. A vector on its way then may still arrive, and would lie there for
/// ever. Not for several threads at once.
/// </summary>
internal sealed class ForgottenVectors
{
    private readonly Dictionary<(string Job, int Attempt), int> _firstWanted = [];

    public void Before(string job, int attempt, int step) =>
        _firstWanted[(job, attempt)] = Math.Max(step, _firstWanted.GetValueOrDefault((job, attempt), int.MinValue));

    public void All(string job, int attempt) => _firstWanted[(job, attempt)] = int.MaxValue;

    public bool Has(VectorAddress address) => address.Step < _firstWanted.GetValueOrDefault((address.Job, address.Attempt), int.MinValue);
}
