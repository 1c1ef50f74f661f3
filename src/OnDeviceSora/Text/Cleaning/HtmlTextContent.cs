using System.Text;

namespace OnDeviceSora.Text.Cleaning;

/// <summary>
/// The text that is open to the reader: what a parsed document shows once tags, comments, declarations and the content of
/// scripts, styles, templates and ruby annotations are gone.
/// </summary>
internal sealed class HtmlTextContent
{
    private static readonly HashSet<string> Hidden = ["script", "style", "template", "rt", "rp"];

    private static readonly HashSet<string> Void =
    [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "keygen", "link", "menuitem", "meta", "param", "source",
        "track", "wbr", "basefont", "bgsound", "command", "frame", "image", "isindex", "nextid", "spacer",
    ];

    private readonly StringBuilder _text = new();
    private readonly List<string> _open = [];
    private readonly Dictionary<string, int> _openCounts = [];
    private int _hiddenDepth;

    /// <summary>Adds a stretch of text, unless it stands inside a hidden element.</summary>
    public void Append(ReadOnlySpan<char> data)
    {
        if (_hiddenDepth == 0) _text.Append(data);
    }

    /// <summary>Opens an element; one that cannot have content is closed at once.</summary>
    public void Open(string name, bool selfClosing)
    {
        if (selfClosing || Void.Contains(name)) return;
        _open.Add(name);
        _openCounts[name] = _openCounts.GetValueOrDefault(name) + 1;
        if (Hidden.Contains(name)) _hiddenDepth++;
    }

    /// <summary>Closes the innermost element of this name with everything inside it; an end without a start is ignored.</summary>
    public void Close(string name)
    {
        if (_openCounts.GetValueOrDefault(name) == 0) return;
        string closed;
        do
        {
            closed = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            _openCounts[closed]--;
            if (Hidden.Contains(closed)) _hiddenDepth--;
        }
        while (closed != name);
    }

    /// <inheritdoc />
    public override string ToString() => _text.ToString();
}
