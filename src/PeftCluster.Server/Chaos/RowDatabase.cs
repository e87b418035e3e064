using System.Net;
using Npgsql;
using PeftCluster.Jobs;

namespace PeftCluster.Server.Chaos;

/// <summary>
/// A PostgreSQL database of one row's own, made on a server that the user names and dropped at the end. Where the row's nodes have a network of
/// their own, they reach it through that network, so that a cut line cuts the database off as well.
/// </summary>
internal sealed class RowDatabase : IAsyncDisposable
{
    private readonly string _server, _name;
    private readonly SocketProxy? _proxy;

    private RowDatabase(string server, string name, SocketProxy? proxy) => (_server, _name, _proxy) = (server, name, proxy);

    /// <summary>What the row's coordinators are given.</summary>
    public string ConnectionString
    {
        get
        {
            // A database behind a cut line must not be waited for longer than a lease lasts.
            var parts = new NpgsqlConnectionStringBuilder(_server) { Database = _name, Timeout = 8, CommandTimeout = 8 };
            if (_proxy is not null)
                (parts.Host, parts.Port) = (_proxy.Place.Address.ToString(), _proxy.Place.Port);
            return parts.ConnectionString;
        }
    }

    /// <summary>Makes it.</summary>
    /// <param name="server">A connection string of the server, for a user who may make databases.</param>
    /// <param name="name">Its name: small letters and digits.</param>
    /// <param name="inNetwork">Whether it is reached through the rows' network.</param>
    /// <exception cref="BadInputException">The server is not reached, or makes no database.</exception>
    public static async Task<RowDatabase> MakeAsync(string server, string name, bool inNetwork)
    {
        try
        {
            await ExecuteAsync(server, $"CREATE DATABASE {name}");
            return new RowDatabase(server, name, inNetwork ? SocketProxy.Start(new IPEndPoint(IPAddress.Parse(NodeNetwork.Own), 0), EndOf(new NpgsqlConnectionStringBuilder(server))) : null);
        }
        catch (Exception refused) when (refused is NpgsqlException or ArgumentException)
        {
            throw new BadInputException($"--database: the server makes no database for a row ({refused.Message.ReplaceLineEndings(" ").TrimEnd('.')}). Name one as Host=…;Username=…;Database=postgres, with a user who may.", refused);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        await ExecuteAsync(_server, $"DROP DATABASE {_name} WITH (FORCE)").ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static EndPoint EndOf(NpgsqlConnectionStringBuilder server) => server.Host is { } host && host.StartsWith('/')
        ? new System.Net.Sockets.UnixDomainSocketEndPoint(FormattableString.Invariant($"{host}/.s.PGSQL.{server.Port}"))
        : new DnsEndPoint(server.Host ?? "localhost", server.Port);

    private static async Task ExecuteAsync(string server, string command)
    {
        await using var source = NpgsqlDataSource.Create(server);
        await using var create = source.CreateCommand(command);
        await create.ExecuteNonQueryAsync();
    }
}
