namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>A connection ended, stood still for too long or carried what is no frame. Another connection may do better.</summary>
internal sealed class LostConnectionException : IOException
{
    public LostConnectionException(string message) : base(message) { }

    public LostConnectionException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>The other end does not want to speak with this one. Another connection will not help.</summary>
internal sealed class LinkRefusedException : IOException
{
    public LinkRefusedException(string message) : base(message) { }

    public LinkRefusedException(string message, Exception inner) : base(message, inner) { }
}
