namespace OnDeviceSora.Text.SentencePiece;

/// <summary>A stretch of normalised text and the piece it became.</summary>
internal readonly record struct Segment(int Start, int Length, int Id);

/// <summary>
/// Cuts normalised text into the pieces with the highest total score (Viterbi over a unigram language model). Time and memory
/// grow linearly with the text.
/// </summary>
internal sealed class UnigramSegmenter
{
    // What an unknown character costs more than the rarest piece, so that any known cut is preferred.
    private const float UnknownPenalty = 10;

    private readonly IReadOnlyList<Piece> _pieces;
    private readonly PieceTrie _vocabulary;
    private readonly int _unknownId;
    private readonly float _unknownScore;
    private readonly float _highestScore;

    /// <summary>Creates the segmenter of one model.</summary>
    /// <param name="pieces">The vocabulary.</param>
    /// <param name="vocabulary">The same, searchable: the pieces that text may become.</param>
    /// <param name="unknownId">The id of a character that no piece covers.</param>
    public UnigramSegmenter(IReadOnlyList<Piece> pieces, PieceTrie vocabulary, int unknownId)
    {
        _pieces = pieces;
        _vocabulary = vocabulary;
        _unknownId = unknownId;
        float lowest = 0;
        _highestScore = 0;
        bool first = true;
        foreach (var piece in pieces)
        {
            if (piece.Type != PieceType.Normal) continue;
            lowest = first ? piece.Score : Math.Min(lowest, piece.Score);
            _highestScore = first ? piece.Score : Math.Max(_highestScore, piece.Score);
            first = false;
        }
        _unknownScore = lowest - UnknownPenalty;
    }

    /// <summary>The best cut of a text, in order; it covers the text without gaps.</summary>
    public List<Segment> Segment(ReadOnlySpan<byte> text)
    {
        // best[i]: the best way to cut the first i bytes, by its last piece.
        var best = new BestEnd[text.Length + 1];
        for (int start = 0; start < text.Length;)
        {
            int character = Math.Min(TextNormalizer.Utf8Length(text[start]), text.Length - start);
            if (!ExtendWithPieces(text, start, character, best))
                Offer(ref best[start + character], start, _unknownId, _unknownScore + best[start].Score);
            start += character;
        }
        return Backtrack(best);
    }

    // Offers every piece that starts here; true when one of them is exactly the character that starts here.
    private bool ExtendWithPieces(ReadOnlySpan<byte> text, int start, int character, BestEnd[] best)
    {
        bool single = false;
        int node = PieceTrie.Root;
        for (int end = start; end < text.Length;)
        {
            node = _vocabulary.Follow(node, text[end++]);
            if (node == PieceTrie.None) break;
            int id = _vocabulary.IdAt(node);
            if (id == PieceTrie.None || _pieces[id].Type == PieceType.Unused) continue;
            Offer(ref best[end], start, id, Score(id, end - start) + best[start].Score);
            single |= end - start == character;
        }
        return single;
    }

    // A user-defined piece beats every cut of the same stretch.
    private double Score(int id, int length) =>
        _pieces[id].Type == PieceType.UserDefined ? length * _highestScore - 0.1 : _pieces[id].Score;

    private static void Offer(ref BestEnd end, int start, int id, double score)
    {
        if (end.IsReached && !(score > end.Score)) return;
        end = new BestEnd(true, start, id, (float)score);
    }

    private static List<Segment> Backtrack(BestEnd[] best)
    {
        var segments = new List<Segment>();
        for (int end = best.Length - 1; end > 0; end = best[end].Start)
            segments.Add(new Segment(best[end].Start, end - best[end].Start, best[end].Id));
        segments.Reverse();
        return segments;
    }

    private readonly record struct BestEnd(bool IsReached, int Start, int Id, float Score);
}
