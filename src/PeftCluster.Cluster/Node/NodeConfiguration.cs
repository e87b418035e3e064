using System.Globalization;
using Akka.Configuration;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Node;

/// <summary>A node's HOCON: cluster-config/common.conf, the files of its roles over it, then what its settings say. The files are built in, so one executable is enough.</summary>
internal static class NodeConfiguration
{
    /// <exception cref="BadInputException">The user's own HOCON cannot be read.</exception>
    public static Config Of(SystemSettings settings)
    {
        var config = settings.Files.Prepend("common").Aggregate(Config.Empty, (under, file) => Parse(BuiltIn(file)).WithFallback(under));
        config = Parse(BySettings(settings)).WithFallback(config);
        if (settings.Database is { } database)
            config = Parse(database.Hocon).WithFallback(config).WithFallback(Akka.Persistence.Sql.SqlPersistence.DefaultConfiguration);
        if (settings.Own.Length == 0)
            return config;
        try
        {
            return Parse(settings.Own).WithFallback(config);
        }
        catch (Exception wrong) when (wrong is FormatException or ConfigurationException)
        {
            throw new BadInputException($"--config: not HOCON: {wrong.Message.ReplaceLineEndings(" ").TrimEnd('.')}. cluster-config/common.conf shows how it is written.", wrong);
        }
    }

    private static Config Parse(string hocon) => ConfigurationFactory.ParseString(hocon);

    private static string BySettings(SystemSettings settings) => string.Create(CultureInfo.InvariantCulture, $$"""
        akka.cluster.roles = [{{string.Join(", ", settings.Roles.Select(role => $"\"{role}\""))}}]
        akka.remote.dot-netty.tcp {
          hostname = "{{settings.Host}}"
          port = {{settings.Port}}
          public-hostname = "{{settings.PublicHost ?? settings.Host}}"
          public-port = {{settings.PublicPort ?? 0}}
        }
        """);

    private static string BuiltIn(string file)
    {
        using var stream = typeof(NodeConfiguration).Assembly.GetManifestResourceStream($"{file}.conf")
            ?? throw new InvalidOperationException($"{file}.conf is not built in");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
