namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>What a frame says. The numbers are the wire's: append only.</summary>
internal enum FrameKind : byte
{
    /// <summary>client → endpoint, first: its nonce.</summary>
    Hello = 1,

    /// <summary>endpoint → client: its nonce, and whether it wants proofs.</summary>
    Challenge = 2,

    /// <summary>client → endpoint: that it knows the secret (empty where there is none).</summary>
    Proof = 3,

    /// <summary>endpoint → client: that it knows the secret too. From here on requests may come.</summary>
    Welcome = 4,

    /// <summary>A vector is handed over and follows. Answer: Done, also where it is not wanted any more.</summary>
    HandOver = 16,

    /// <summary>A version is wanted. Answer: Vector and its chunks, or Absent.</summary>
    Fetch = 17,

    /// <summary>Whether a file is there. Answer: Done or Absent.</summary>
    Has = 18,

    /// <summary>A file is wanted. Answer: File and its bytes, or Absent.</summary>
    Get = 19,

    /// <summary>A file wants to be kept. Answer: Go, or Done where it is there.</summary>
    Put = 20,

    /// <summary>A device is there for as long as this connection is. Answer: Done.</summary>
    Announce = 21,

    /// <summary>The name of memory that both ends may see. Answer: Done, after which everything goes through it, or Absent.</summary>
    Share = 22,

    /// <summary>A node has a file, and gives it away at an address. Answer: Done.</summary>
    Hold = 23,

    /// <summary>Which nodes have a file. Answer: Nodes.</summary>
    Where = 24,

    /// <summary>Send it.</summary>
    Go = 32,

    /// <summary>It is so, or it is done.</summary>
    Done = 33,

    /// <summary>It is not there.</summary>
    Absent = 34,

    /// <summary>A vector's chunks follow.</summary>
    Vector = 35,

    /// <summary>A file's bytes follow.</summary>
    File = 36,

    /// <summary>No, and why.</summary>
    Refused = 37,

    /// <summary>How many nodes, and their addresses.</summary>
    Nodes = 38,
}

/// <summary>Why something was refused: what kind of exception it is at the other end. The numbers are the wire's: append only.</summary>
internal enum Refusal : byte
{
    /// <summary>The data is not what it should be.</summary>
    WrongData = 1,

    /// <summary>It could not be read or kept there.</summary>
    Storage = 2,

    /// <summary>Whoever asks may not.</summary>
    Forbidden = 3,
}
