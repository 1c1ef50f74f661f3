namespace OnDeviceSora.Text.SentencePiece;

/// <summary>Reads and validates a SentencePiece model file (a protobuf message <c>ModelProto</c>). The file is not trusted.</summary>
internal static class SentencePieceModelReader
{
    // Far above any published vocabulary (the largest have about 260,000 pieces and 5 MB).
    private const int MaximumFileSize = 16 << 20;
    private const int MaximumPieceCount = 1 << 20;
    private const int MaximumPieceSize = 1024;
    private const int UnigramModel = 1;

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidFileException">It is missing, unreadable, damaged, or not a unigram model.</exception>
    public static SentencePieceModel Read(string path) => Parse(ReadFile(path), path);

    /// <summary>Reads a model that is in memory.</summary>
    /// <param name="file">The content of the file.</param>
    /// <param name="path">Its name, for errors.</param>
    /// <exception cref="InvalidFileException">It is damaged, or not a unigram model.</exception>
    public static SentencePieceModel Parse(byte[] file, string path)
    {
        var pieces = new List<Piece>();
        var trainer = new TrainerSettings();
        var normalization = new NormalizationRules();

        var reader = new ProtobufReader(file, path);
        while (reader.TryReadTag(out int field, out var wireType))
        {
            if (field is not (1 or 2 or 3))
            {
                reader.Skip(wireType);
                continue;
            }
            reader.Expect(wireType, WireType.Bytes, field switch { 1 => "pieces", 2 => "trainer_spec", _ => "normalizer_spec" });
            var message = new ProtobufReader(reader.ReadBytes(out int start), path, start);
            if (field == 1) pieces.Add(ReadPiece(message, path, pieces.Count));
            else if (field == 2) trainer = ReadTrainer(message, trainer);
            else normalization = ReadNormalization(message, normalization);
        }
        return Assemble(path, pieces, trainer, normalization);
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaximumFileSize)
                throw new InvalidFileException(path, $"a tokenizer of {stream.Length} bytes; at most {MaximumFileSize} are expected.");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidFileException(path, $"the tokenizer cannot be read ({error.Message})", error);
        }
    }

    private static Piece ReadPiece(ProtobufReader reader, string path, int id)
    {
        byte[] text = [];
        float score = 0;
        var type = PieceType.Normal;
        while (reader.TryReadTag(out int field, out var wireType))
        {
            switch (field)
            {
                case 1:
                    reader.Expect(wireType, WireType.Bytes, "piece");
                    var bytes = reader.ReadBytes(out int at);
                    if (bytes.Length > MaximumPieceSize)
                        throw new InvalidFileException(path, $"piece {id} at byte {at} has {bytes.Length} bytes; at most {MaximumPieceSize} are expected.");
                    text = bytes.ToArray();
                    break;
                case 2:
                    reader.Expect(wireType, WireType.Fixed32, "score");
                    score = reader.ReadFloat();
                    break;
                case 3:
                    reader.Expect(wireType, WireType.Varint, "type");
                    type = (PieceType)Math.Min(reader.ReadVarint(), int.MaxValue);
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }
        if (id >= MaximumPieceCount)
            throw new InvalidFileException(path, $"more than {MaximumPieceCount} pieces.");
        if (text.Length == 0)
            throw new InvalidFileException(path, $"piece {id} is empty.");
        if (!float.IsFinite(score))
            throw new InvalidFileException(path, $"piece {id} has the score {score}, which must be a finite number.");
        if (!Enum.IsDefined(type))
            throw new InvalidFileException(path, $"piece {id} has the unknown type {(int)type}; 1 to 6 are known.");
        return new Piece(text, score, type);
    }

    private static TrainerSettings ReadTrainer(ProtobufReader reader, TrainerSettings settings)
    {
        while (reader.TryReadTag(out int field, out var wireType))
        {
            if (field is not (3 or 24 or 35 or 40 or 42 or 43))
            {
                reader.Skip(wireType);
                continue;
            }
            reader.Expect(wireType, WireType.Varint, $"trainer_spec.{field}");
            ulong value = reader.ReadVarint();
            // Ids are int32, written as sign-extended 64-bit varints; anything out of range is no id.
            int number = (int)Math.Clamp((long)value, -1, int.MaxValue);
            settings = field switch
            {
                3 => settings with { ModelType = number },
                24 => settings with { WhitespaceAsSuffix = value != 0 },
                35 => settings with { ByteFallback = value != 0 },
                40 => settings with { UnknownId = number },
                42 => settings with { EndId = number },
                _ => settings with { PadId = number },
            };
        }
        return settings;
    }

    private static NormalizationRules ReadNormalization(ProtobufReader reader, NormalizationRules rules)
    {
        while (reader.TryReadTag(out int field, out var wireType))
        {
            switch (field)
            {
                case 2:
                    reader.Expect(wireType, WireType.Bytes, "precompiled_charsmap");
                    rules = rules with { CharacterMap = reader.ReadBytes(out _).ToArray() };
                    break;
                case 3 or 4 or 5:
                    reader.Expect(wireType, WireType.Varint, $"normalizer_spec.{field}");
                    bool on = reader.ReadVarint() != 0;
                    rules = field switch
                    {
                        3 => rules with { AddDummyPrefix = on },
                        4 => rules with { RemoveExtraWhitespaces = on },
                        _ => rules with { EscapeWhitespaces = on },
                    };
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }
        return rules;
    }

    private static SentencePieceModel Assemble(
        string path, List<Piece> pieces, TrainerSettings trainer, NormalizationRules normalization)
    {
        if (pieces.Count == 0)
            throw new InvalidFileException(path, "holds no pieces; a SentencePiece unigram model is expected.");
        if (trainer.ModelType != UnigramModel)
            throw new InvalidFileException(path, $"a SentencePiece model of type {trainer.ModelType}; only unigram (1) is supported.");
        if (trainer.UnknownId < 0 || trainer.UnknownId >= pieces.Count || pieces[trainer.UnknownId].Type != PieceType.Unknown)
            throw new InvalidFileException(path, $"unk_id {trainer.UnknownId} does not name the piece of type 'unknown'.");
        if (pieces.Count(piece => piece.Type == PieceType.Unknown) != 1)
            throw new InvalidFileException(path, "more than one piece of type 'unknown'; exactly one is expected.");
        if (trainer.EndId < 0 || trainer.EndId >= pieces.Count)
            throw new InvalidFileException(path, $"eos_id {trainer.EndId} is not one of the {pieces.Count} pieces.");
        if (trainer.PadId >= pieces.Count)
            throw new InvalidFileException(path, $"pad_id {trainer.PadId} is not one of the {pieces.Count} pieces.");
        return new SentencePieceModel
        {
            Pieces = pieces,
            Normalization = normalization,
            UnknownId = trainer.UnknownId,
            EndId = trainer.EndId,
            PadId = Math.Max(trainer.PadId, 0),   // a model without padding (-1): the specification pads with 0
            ByteFallback = trainer.ByteFallback,
            WhitespaceAsSuffix = trainer.WhitespaceAsSuffix,
        };
    }

    /// <summary>The part of <c>TrainerSpec</c> that encoding needs, with the format's defaults.</summary>
    private sealed record TrainerSettings
    {
        public int ModelType { get; init; } = UnigramModel;
        public int UnknownId { get; init; }
        public int EndId { get; init; } = 2;
        public int PadId { get; init; } = -1;
        public bool ByteFallback { get; init; }
        public bool WhitespaceAsSuffix { get; init; }
    }
}
