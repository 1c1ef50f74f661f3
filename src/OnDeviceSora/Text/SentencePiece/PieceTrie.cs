namespace OnDeviceSora.Text.SentencePiece;

/// <summary>The vocabulary as a tree of bytes. A search follows the text and costs no more than the longest piece.</summary>
internal sealed class PieceTrie
{
    public const int Root = 0;
    public const int None = -1;

    private readonly Dictionary<long, int> _children = [];
    private readonly List<int> _ids = [None];

    /// <summary>Adds a piece.</summary>
    /// <returns>False when it is there already.</returns>
    public bool Add(ReadOnlySpan<byte> piece, int id)
    {
        int node = Root;
        foreach (byte value in piece)
        {
            long edge = Edge(node, value);
            if (!_children.TryGetValue(edge, out int child))
            {
                child = _ids.Count;
                _ids.Add(None);
                _children.Add(edge, child);
            }
            node = child;
        }
        if (_ids[node] != None) return false;
        _ids[node] = id;
        return true;
    }

    /// <summary>The node one byte further, or <see cref="None"/>.</summary>
    public int Follow(int node, byte value) => _children.TryGetValue(Edge(node, value), out int child) ? child : None;

    /// <summary>The id of the piece that ends at a node, or <see cref="None"/>.</summary>
    public int IdAt(int node) => _ids[node];

    /// <summary>The number of bytes of the longest piece that a text starts with, or 0.</summary>
    public int LongestMatch(ReadOnlySpan<byte> text)
    {
        int longest = 0;
        int node = Root;
        for (int i = 0; i < text.Length; i++)
        {
            node = Follow(node, text[i]);
            if (node == None) break;
            if (_ids[node] != None) longest = i + 1;
        }
        return longest;
    }

    private static long Edge(int node, byte value) => (long)node << 8 | value;
}
