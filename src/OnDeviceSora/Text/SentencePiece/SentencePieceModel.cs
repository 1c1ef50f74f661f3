namespace OnDeviceSora.Text.SentencePiece;

/// <summary>What a piece of the vocabulary is for; the numbers are those of the file format.</summary>
internal enum PieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>One entry of the vocabulary; its id is its place in the file.</summary>
/// <param name="Text">The piece in UTF-8, spaces written as U+2581.</param>
/// <param name="Score">Logarithm of its probability.</param>
/// <param name="Type">What it is for.</param>
internal readonly record struct Piece(byte[] Text, float Score, PieceType Type);

/// <summary>How text is prepared before it is cut into pieces.</summary>
internal sealed record NormalizationRules
{
    /// <summary>The precompiled character map, empty for none.</summary>
    public byte[] CharacterMap { get; init; } = [];

    /// <summary>Put a space before the text, so that a first word looks like any other.</summary>
    public bool AddDummyPrefix { get; init; } = true;

    /// <summary>Drop spaces at both ends and all but one of every run.</summary>
    public bool RemoveExtraWhitespaces { get; init; } = true;

    /// <summary>Write spaces as U+2581.</summary>
    public bool EscapeWhitespaces { get; init; } = true;
}

/// <summary>The content of a <c>spiece.model</c> file: what encoding needs, validated.</summary>
internal sealed record SentencePieceModel
{
    /// <summary>The vocabulary; a piece's id is its index.</summary>
    public required IReadOnlyList<Piece> Pieces { get; init; }

    /// <summary>How text is prepared.</summary>
    public required NormalizationRules Normalization { get; init; }

    /// <summary>The id of characters outside the vocabulary.</summary>
    public required int UnknownId { get; init; }

    /// <summary>The id that ends a prompt.</summary>
    public required int EndId { get; init; }

    /// <summary>The id that fills a prompt up; masked, so its value never matters to the result.</summary>
    public required int PadId { get; init; }

    /// <summary>Write characters outside the vocabulary as byte pieces instead of <see cref="UnknownId"/>.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>The dummy prefix goes to the end of the text instead.</summary>
    public bool WhitespaceAsSuffix { get; init; }
}
