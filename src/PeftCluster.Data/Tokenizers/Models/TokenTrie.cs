namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>Tokens by their characters: all tokens that a text begins with are found in one walk.</summary>
internal sealed class TokenTrie
{
    public const int Root = 0;

    private readonly Dictionary<long, int> _children = [];
    private readonly List<int> _ids = [-1];

    /// <summary>Adds a token that is not empty. The later of two with the same text counts.</summary>
    public void Add(string token, int id)
    {
        var node = Root;
        foreach (var letter in token)
        {
            if (!_children.TryGetValue(Key(node, letter), out var child))
            {
                child = _ids.Count;
                _children.Add(Key(node, letter), child);
                _ids.Add(-1);
            }
            node = child;
        }
        _ids[node] = id;
    }

    /// <summary>The node behind this one, or −1.</summary>
    public int Step(int node, char letter) => _children.TryGetValue(Key(node, letter), out var child) ? child : -1;

    /// <summary>The token that ends at a node, or −1.</summary>
    public int IdAt(int node) => _ids[node];

    private static long Key(int node, char letter) => (long)node << 16 | letter;
}
