using System.Data.Common;
using LinqToDB.Interceptors;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// What each SQLite connection is told: a log that readers do not wait for, and a sync at every commit. The second holds for one
/// connection only, so it is said at every opening.
/// </summary>
internal sealed class SqlitePragmas : ConnectionInterceptor
{
    private const string Pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";

    public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection)
    {
        using var command = Command(connection);
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbCommand Command(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        return command;
    }
}
