using OnDeviceSora.Text.SentencePiece;

namespace OnDeviceSora.Text;

/// <summary>
/// Text to token ids, by the unigram model and the normalisation of a SentencePiece file (<c>spiece.model</c>).
/// Specification section 3. Immutable, so any number of threads may use one.
/// </summary>
internal sealed class SentencePieceTokenizer
{
    private readonly SentencePieceModel _model;
    private readonly TextNormalizer _normalizer;
    private readonly UnigramSegmenter _segmenter;
    private readonly int[]? _byteIds;

    private SentencePieceTokenizer(SentencePieceModel model, string path)
    {
        _model = model;
        var vocabulary = new PieceTrie();
        var userDefined = new PieceTrie();
        var reserved = new PieceTrie();
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            var piece = model.Pieces[id];
            bool isText = piece.Type is PieceType.Normal or PieceType.UserDefined or PieceType.Unused;
            if (!(isText ? vocabulary : reserved).Add(piece.Text, id))
                throw new InvalidFileException(path, $"piece {id} appears twice in the vocabulary.");
            if (piece.Type == PieceType.UserDefined) userDefined.Add(piece.Text, id);
        }
        _normalizer = new TextNormalizer(model.Normalization, userDefined, model.WhitespaceAsSuffix, path);
        _segmenter = new UnigramSegmenter(model.Pieces, vocabulary, model.UnknownId);
        _byteIds = model.ByteFallback ? FindBytePieces(model, path) : null;
    }

    /// <summary>The number of pieces in the file; ids are below it.</summary>
    public int PieceCount => _model.Pieces.Count;

    /// <summary>The id that fills a prompt up to its length.</summary>
    public int PadId => _model.PadId;

    /// <summary>The id that ends a prompt.</summary>
    public int EndId => _model.EndId;

    /// <summary>The id of characters that the vocabulary does not have.</summary>
    public int UnknownId => _model.UnknownId;

    /// <summary>Reads a SentencePiece unigram model.</summary>
    /// <param name="path">A <c>spiece.model</c> file; it is not trusted.</param>
    /// <exception cref="InvalidFileException">The file is missing, damaged, or not a unigram model.</exception>
    public static SentencePieceTokenizer Load(string path) => new(SentencePieceModelReader.Read(path), path);

    /// <summary>The same from memory.</summary>
    /// <param name="file">The content of the file.</param>
    /// <param name="path">Its name, for errors.</param>
    /// <exception cref="InvalidFileException">The file is damaged, or not a unigram model.</exception>
    public static SentencePieceTokenizer Parse(byte[] file, string path) => new(SentencePieceModelReader.Parse(file, path), path);

    /// <summary>The ids of a text, without end of sentence or padding. Any Unicode is accepted; no text gives no ids.</summary>
    public int[] Encode(string text)
    {
        byte[] normalized = _normalizer.Normalize(text);
        var ids = new List<int>(normalized.Length / 3);
        bool afterUnknown = false;
        foreach (var segment in _segmenter.Segment(normalized))
        {
            bool isUnknown = segment.Id == _model.UnknownId;
            if (isUnknown && _byteIds is not null)
                foreach (byte value in normalized.AsSpan(segment.Start, segment.Length)) ids.Add(_byteIds[value]);
            else if (!(isUnknown && afterUnknown))   // a run of unknown characters is one unknown
                ids.Add(segment.Id);
            afterUnknown = isUnknown;
        }
        return [.. ids];
    }

    /// <summary>The ids of a prompt as the text encoder takes them: cut, end of sentence appended, padded.</summary>
    /// <param name="text">The prompt, cleaned.</param>
    /// <param name="maximumLength">The model's text length in tokens (300 for Open-Sora v1.2), 1 or more.</param>
    public TokenizedPrompt EncodePrompt(string text, int maximumLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumLength, 1);
        int[] plain = Encode(text);
        int kept = Math.Min(plain.Length, maximumLength - 1);
        var ids = new int[maximumLength];
        Array.Copy(plain, ids, kept);
        ids[kept] = _model.EndId;
        Array.Fill(ids, _model.PadId, kept + 1, maximumLength - kept - 1);
        return new TokenizedPrompt(ids, kept + 1);
    }

    // Byte pieces are written <0x00> to <0xFF>.
    private static int[] FindBytePieces(SentencePieceModel model, string path)
    {
        var ids = new int[256];
        Array.Fill(ids, -1);
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id].Type != PieceType.Byte) continue;
            var text = model.Pieces[id].Text.AsSpan();
            if (text is not [(byte)'<', (byte)'0', (byte)'x', var high, var low, (byte)'>'] ||
                !char.IsAsciiHexDigit((char)high) || !char.IsAsciiHexDigit((char)low))
                throw new InvalidFileException(path, $"byte piece {id} is not written like <0x41>.");
            ids[Convert.FromHexString($"{(char)high}{(char)low}")[0]] = id;
        }
        int missing = Array.IndexOf(ids, -1);
        if (missing >= 0)
            throw new InvalidFileException(path, $"byte fallback is on, but the piece <0x{missing:X2}> is missing.");
        return ids;
    }
}
