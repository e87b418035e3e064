using PeftCluster.Cluster.Queue;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Node;

/// <summary>What a coordinator knows of a job's rows: their lengths, from the small indexes that the client pushed. It never has a token.</summary>
/// <param name="folder">Where indexes are kept.</param>
internal sealed class RowCatalog(string folder) : IRowCatalog
{
    private readonly PreparedCache _cache = new(folder);

    public async Task<RunRows> OpenAsync(SourceRequest request, CancellationToken cancellation)
    {
        try
        {
            var (train, heldOut) = await _cache.IndexesAsync(request.Data, request.Content, cancellation);
            return new RunRows(train, heldOut);
        }
        catch (Exception unfit) when (unfit is IOException or InvalidDataException)
        {
            throw new BadInputException($"data: {unfit.Message}. Submit the job again.", unfit);
        }
    }
}
