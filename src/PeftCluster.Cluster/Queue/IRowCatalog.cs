using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Queue;

/// <summary>Knows the lengths of a job's prepared rows: all that a coordinator needs of the data, since it never sees a token.</summary>
public interface IRowCatalog
{
    /// <summary>Opens the rows that a request names.</summary>
    /// <exception cref="BadInputException">The data cannot be found, or is not what its key says; one line for the user.</exception>
    Task<RunRows> OpenAsync(SourceRequest request, CancellationToken cancellation);
}

/// <summary>The rows of one job.</summary>
/// <param name="Train">Lengths and label counts of the training rows.</param>
/// <param name="HeldOutRows">How many held-out rows there are; 0: nothing is measured.</param>
public sealed record RunRows(IRowIndex Train, int HeldOutRows);

/// <summary>Rows of <see cref="ArithmeticRows"/>, for clusters without models: the data's key says how many, <c>arithmetic:TRAIN_ROWS:HELD_OUT_ROWS</c>.</summary>
public sealed class ArithmeticCatalog : IRowCatalog
{
    private const string Prefix = "arithmetic";

    /// <summary>The reference that names so many rows.</summary>
    public static DataReference Reference(int trainRows, int heldOutRows) =>
        DataReference.Own(string.Create(CultureInfo.InvariantCulture, $"{Prefix}:{trainRows}:{heldOutRows}"));

    public Task<RunRows> OpenAsync(SourceRequest request, CancellationToken cancellation)
    {
        var parts = request.Data.Key.Split(':');
        if (parts is [Prefix, var train, var heldOut] && Number(train) is { } trainRows and > 0 && Number(heldOut) is { } heldOutRows)
            return Task.FromResult(new RunRows(new ArithmeticRows(trainRows), heldOutRows));
        throw new BadInputException($"data {request.Data.Key}: is no made-up data. Its key has to be arithmetic:TRAIN_ROWS:HELD_OUT_ROWS.");
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
