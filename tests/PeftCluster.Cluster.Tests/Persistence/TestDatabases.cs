using PeftCluster.Cluster.Persistence;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Tests.Persistence;

/// <summary>The kinds of job database that a test runs on.</summary>
internal static class TestDatabases
{
    /// <summary>A connection string of a PostgreSQL server where databases may be made; tests that need it are skipped without it.</summary>
    public const string Variable = "PEFTCLUSTER_TEST_POSTGRES";

    public static TheoryData<string> Kinds => ["SQLite", "PostgreSQL"];

    public static JobDatabase Open(string kind, string folder)
    {
        var database = kind == "PostgreSQL" ? JobDatabase.PostgreSql(PostgreSql(folder)) : JobDatabase.InFolder(folder);
        database.Prepare();
        return database;
    }

    /// <summary>The connection string of a PostgreSQL database for this folder alone, so that tests do not share jobs. Skips the test where there is no server.</summary>
    public static string PostgreSql(string folder)
    {
        var server = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(server), $"{Variable} names no PostgreSQL database");
        var name = string.Concat(Path.GetFullPath(folder).Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        using var connection = new Npgsql.NpgsqlConnection(server);
        connection.Open();
        using var exists = new Npgsql.NpgsqlCommand($"SELECT count(*) FROM pg_database WHERE datname = '{name}'", connection);
        if (exists.ExecuteScalar() is 0L)
        {
            using var create = new Npgsql.NpgsqlCommand($"CREATE DATABASE {name}", connection);
            create.ExecuteNonQuery();
        }
        return new Npgsql.NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    /// <summary>Takes a table out of a SQLite database, so that nothing can be written to it.</summary>
    public static void Drop(string folder, string table)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={JobDatabase.InFolder(folder).Name}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"DROP TABLE {table}";
        command.ExecuteNonQuery();
    }

    /// <summary>A run of this test alone, whatever else the database holds.</summary>
    public static string Run() => JobId.New(TimeProvider.System).ToString();
}
