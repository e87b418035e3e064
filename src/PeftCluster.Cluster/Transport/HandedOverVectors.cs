namespace PeftCluster.Cluster.Transport;

/// <summary>The vectors that workers handed over and the run has not taken. Not for several threads at once.</summary>
/// <param name="drop">Told of each one that is not kept any more.</param>
internal sealed class HandedOverVectors(Action<VectorParcel> drop)
{
    private readonly Dictionary<VectorAddress, VectorParcel> _parcels = [];
    private readonly ForgottenVectors _forgotten = new();

    public IReadOnlyList<VectorAddress> Addresses => [.. _parcels.Keys];

    /// <summary>A repeated one replaces the first; one that nobody will take is dropped at once.</summary>
    public void Keep(VectorAddress address, VectorParcel parcel)
    {
        if (_parcels.Remove(address, out var same))
            drop(same);
        if (_forgotten.Has(address))
            drop(parcel);
        else
            _parcels.Add(address, parcel);
    }

    /// <summary>Gives it away; null: there is none.</summary>
    public VectorParcel? Take(VectorAddress address) => _parcels.Remove(address, out var parcel) ? parcel : null;

    /// <summary>Whether nobody will take such a vector any more.</summary>
    public bool IsForgotten(VectorAddress address) => _forgotten.Has(address);

    public void ForgetBefore(string job, int attempt, int step)
    {
        _forgotten.Before(job, attempt, step);
        DropForgotten();
    }

    public void Forget(string job, int attempt)
    {
        _forgotten.All(job, attempt);
        DropForgotten();
    }

    private void DropForgotten()
    {
        foreach (var address in _parcels.Keys.Where(_forgotten.Has).ToArray())
        {
            drop(_parcels[address]);
            _parcels.Remove(address);
        }
    }
}
