using System.Data.Common;
using Akka.Actor.Setup;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using LinqToDB.Data;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Where a coordinator keeps its jobs and attempts: a SQLite file in its state folder, or PostgreSQL, which a second host can take over. What
/// is committed is on the disk. The connection string never shows in a log or an error.
/// </summary>
public sealed class JobDatabase
{
    private readonly DataOptions _options;

    private JobDatabase(string provider, string name, DataOptions options) => (Provider, Name, _options) = (provider, name, options);

    /// <summary>What people call it: the file, or host and database.</summary>
    public string Name { get; }

    /// <summary>The journal's settings for the actor system; its connections come with <see cref="Setup"/>.</summary>
    public string Hocon => $$"""
        akka.persistence.journal.sql {
          class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
          provider-name = "{{Provider}}"
          connection-string = "given in code"
          auto-initialize = on
          tag-write-mode = Csv
        }
        """;

    private string Provider { get; }

    /// <summary>The SQLite file <c>jobs.db</c> of a state folder; made where it is missing.</summary>
    public static JobDatabase InFolder(string stateFolder)
    {
        var path = Path.Combine(Path.GetFullPath(stateFolder), "jobs.db");
        var text = new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = path }.ConnectionString;
        return new(ProviderName.SQLiteMS, path, new DataOptions().UseConnectionString(ProviderName.SQLiteMS, text).UseInterceptor(new SqlitePragmas()));
    }

    /// <summary>A PostgreSQL database.</summary>
    /// <param name="connectionString">As Npgsql reads it: <c>Host=db;Database=peft;Username=peft;Password=…</c>.</param>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static JobDatabase PostgreSql(string connectionString)
    {
        try
        {
            var parts = new Npgsql.NpgsqlConnectionStringBuilder(connectionString);
            return new(ProviderName.PostgreSQL15, $"{parts.Host}/{parts.Database}", new DataOptions().UseConnectionString(ProviderName.PostgreSQL15, parts.ConnectionString));
        }
        catch (ArgumentException wrong)
        {
            throw new BadInputException("--database: is no connection string. Write it as Host=db;Database=peft;Username=peft;Password=…", wrong);
        }
    }

    /// <summary>Goes with <see cref="Hocon"/> into the actor system.</summary>
    public Setup Setup() => new DataOptionsSetup(_options);

    /// <summary>Opens the database once and makes its own tables, so that what is wrong shows before the node joins.</summary>
    /// <exception cref="BadInputException">It cannot be opened; one line says which and why.</exception>
    public void Prepare()
    {
        try
        {
            using var connection = Open();
            Create<AttemptRow>(connection);
            Create<LeaseRow>(connection);
        }
        catch (Exception refused) when (refused is DbException or IOException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            throw new BadInputException($"{Name}: the job database cannot be opened ({refused.Message.ReplaceLineEndings(" ").TrimEnd('.')}). See that it is there and may be written.", refused);
        }
    }

    internal DataConnection Open() => new(_options);

    /// <summary>Inserts a row that only one process may insert. False: another one was faster.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="row">The row.</param>
    /// <param name="isThere">Whether another process's row is there; asked on a new connection, since the transaction of the one that failed may be void.</param>
    internal bool TryInsert<TRow>(DataConnection connection, TRow row, Func<DataConnection, bool> isThere) where TRow : class
    {
        try
        {
            connection.Insert(row);
            return true;
        }
        catch (DbException) when (OnAnother(isThere))
        {
            return false;
        }
    }

    private bool OnAnother(Func<DataConnection, bool> isThere)
    {
        using var another = Open();
        return isThere(another);
    }

    private void Create<TRow>(DataConnection connection) where TRow : class
    {
        try
        {
            connection.CreateTable<TRow>(tableOptions: TableOptions.CreateIfNotExists);
        }
        catch (DbException)
        {
            // Two coordinators that begin at once: PostgreSQL's "if not exists" lets one of them fail. The table is there then.
            using var again = Open();
            again.CreateTable<TRow>(tableOptions: TableOptions.CreateIfNotExists);
        }
    }
}
