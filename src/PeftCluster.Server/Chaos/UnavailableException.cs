namespace PeftCluster.Server.Chaos;

/// <summary>This machine cannot run the row.</summary>
internal sealed class UnavailableException(string reason) : Exception(reason);
