using System.IO.Compression;
using System.Text;
using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Media;

public sealed class VideoSettingsReaderTests : IDisposable
{
    private const int Mutations = 10_000;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Every_kind_of_output_gives_the_request_back()
    {
        await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.png"]);
        await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["frames"] + "/");
        File.Move(_folder["clip.json"], _folder["moved.txt"]);
        foreach (string path in (string[])[_folder["clip.png"], _folder["moved.txt"], _folder["frames"], Path.Combine(_folder["frames"], "frame-00003.png")])
        {
            var settings = VideoSettingsReader.Read(path);
            Assert.Equal(SampleVideo.Request, settings.Request);
            Assert.Equal("opensora-tiny 0123abcd", settings.Model);
        }
    }

    [NeedsFfmpegFact]
    public async Task An_mp4_gives_the_request_back_from_itself_or_from_the_json_beside_it()
    {
        await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.mp4"]);
        await VideoWriter.WriteAsync(SampleVideo.Frames(), 12, _folder["bare.mp4"]);
        File.Move(_folder["clip.json"], _folder["bare.json"]);
        Assert.Equal(SampleVideo.Request, VideoSettingsReader.Read(_folder["clip.mp4"]).Request);
        Assert.Equal(SampleVideo.Request, VideoSettingsReader.Read(_folder["bare.mp4"]).Request);

        File.Delete(_folder["bare.json"]);
        var error = Assert.Throws<InvalidFileException>(() => VideoSettingsReader.Read(_folder["bare.mp4"]));
        Assert.Contains("carries no settings", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_a_video_of_sora_is_named_as_such()
    {
        Assert.Contains("no such file", Refusal(_folder["nowhere.mp4"]), StringComparison.Ordinal);
        Assert.Contains("none of MP4, PNG and JSON", Refusal(Written("GIF89a.............")), StringComparison.Ordinal);
        Assert.Contains("not JSON", Refusal(Written("")), StringComparison.Ordinal);
        Assert.Contains("not JSON", Refusal(Written("{\"request\":{")), StringComparison.Ordinal);
        Assert.Contains("not JSON", Refusal(Written("{\"request\":1,\"request\":2}")), StringComparison.Ordinal);
        Assert.Contains("not JSON", Refusal(Written(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)))), StringComparison.Ordinal);
        Assert.Contains("more than the", Refusal(Written("{" + new string(' ', VideoSettingsReader.MaximumBytes))), StringComparison.Ordinal);
        Assert.Contains("ends before its IEND", Refusal(Written(PngChunkWriter.Signature)), StringComparison.Ordinal);
        Assert.Contains("cut off", Refusal(Written([.. PngChunkWriter.Signature, 1, 2])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_text_chunk_is_noticed_by_its_checksum()
    {
        byte[] png = Png(chunks => chunks.WriteText("Comment", Embedded));
        png[^20] ^= 1;
        Assert.Contains("checksum", Refusal(Written(png)), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_other_programs_rewrote_are_still_read()
    {
        byte[] keyword = [.. "Comment\0"u8], json = Encoding.ASCII.GetBytes(Embedded);
        byte[][] files =
        [
            Png(chunks => chunks.Write("tEXt", json, keyword)),
            Png(chunks => chunks.Write("zTXt", Deflate(json), [.. keyword, 0])),
            Png(chunks => chunks.Write("iTXt", Deflate(json), [.. keyword, 1, 0, .. "en\0Kommentar\0"u8])),
        ];
        Assert.All(files, file => Assert.Equal(SampleVideo.Request, VideoSettingsReader.Read(Written(file)).Request));
    }

    [Fact]
    public void A_text_that_inflates_without_end_is_refused()
    {
        byte[] bomb = Deflate(new byte[VideoSettingsReader.MaximumBytes * 8]);
        Assert.Contains("inflates to more", Refusal(Written(Png(chunks => chunks.Write("zTXt", bomb, [.. "Comment\0\0"u8])))), StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_that_do_not_fit_are_refused()
    {
        byte[] type = [.. "ftypisom"u8];
        Assert.Contains("claims", Refusal(Written([0, 0, 0, 12, .. type, 0, 0, 0, 100, .. "moov"u8])), StringComparison.Ordinal);
        Assert.Contains("claims 3 bytes", Refusal(Written([0, 0, 0, 12, .. type, 0, 0, 0, 3, .. "moov"u8])), StringComparison.Ordinal);
        Assert.Contains("claims -1 bytes", Refusal(Written([0, 0, 0, 12, .. type, 0, 0, 0, 1, .. "moov"u8, 255, 255, 255, 255, 255, 255, 255, 255])), StringComparison.Ordinal);
        Assert.Contains("cut off", Refusal(Written([0, 0, 0, 12, .. type, 0, 0, 0])), StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_png_files_are_read_or_refused_and_nothing_else() =>
        Mutate(Png(chunks => { chunks.WriteText("Comment", Embedded); chunks.Write("zTXt", Deflate([1, 2, 3]), [.. "Comment\0\0"u8]); }), Mutations);

    [Fact]
    public void Mutated_settings_are_read_or_refused_and_nothing_else() =>
        Mutate(Encoding.UTF8.GetBytes(VideoSettings.Beside(SampleVideo.Generated())), Mutations);

    [Fact]
    public void Mutated_mp4_files_are_read_or_refused_and_nothing_else() => Mutate(Mp4(Embedded), Mutations);

    [Fact]
    public void A_comment_is_found_on_its_path_of_boxes()
    {
        Assert.Equal(SampleVideo.Request, VideoSettingsReader.Read(Written(Mp4(Embedded))).Request);
        Assert.Contains("carries no settings", Refusal(Written(Mp4("holiday 2019"))), StringComparison.Ordinal);
    }

    private static string Embedded { get; } = VideoSettings.Embedded(SampleVideo.Generated());

    private static void Mutate(byte[] original, int count)
    {
        var random = new Random(20240607);
        int read = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = Mutated(original, random);
            try
            {
                using var stream = new MemoryStream(bytes);
                if (VideoSettingsReader.Read(stream, "mutated") is not null)
                    read++;
            }
            catch (Exception error) when (error is InvalidFileException or InvalidDataException or EndOfStreamException)
            {
                // Refused, as it should be.
            }
        }

        // Some must survive and some must not, or the mutations would not reach the readers.
        Assert.InRange(read, 1, count - 1);
    }

    private static byte[] Mutated(byte[] original, Random random)
    {
        byte[] bytes = [.. original];
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.AsSpan(at, Math.Min(4, bytes.Length - at)).Fill((byte)(random.Next(2) * 255)); break;
                case 3: bytes = bytes[..Math.Max(1, at)]; break;
                default: bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]]; break;
            }

            if (bytes.Length == 0)
                return [0];
        }

        return bytes;
    }

    private static byte[] Png(Action<PngChunkWriter> texts)
    {
        using var stream = new MemoryStream();
        var chunks = new PngChunkWriter(stream);
        chunks.Write("IHDR", new byte[13]);
        texts(chunks);
        chunks.Write("IEND", []);
        return stream.ToArray();
    }

    private static byte[] Mp4(string comment)
    {
        byte[] value = [0, 0, 0, 1, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(comment)];
        byte[] meta = [0, 0, 0, 0, .. Box("hdlr", new byte[25]), .. Box("ilst", Box("\u00A9nam", Box("data", [0, 0, 0, 1, 0, 0, 0, 0, 65])), Box("\u00A9cmt", Box("data", value)))];
        return [.. Box("ftyp", [.. "isom"u8]), .. Box("moov", Box("mvhd", new byte[100]), Box("udta", Box("meta", meta))), .. Box("mdat", new byte[10])];
    }

    private static byte[] Box(string type, params byte[][] parts)
    {
        byte[] content = [.. parts.SelectMany(part => part)];
        int size = content.Length + 8;
        return [(byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, .. Encoding.Latin1.GetBytes(type), .. content];
    }

    private static byte[] Deflate(byte[] data)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Optimal))
            zlib.Write(data);
        return stream.ToArray();
    }

    private static string Refusal(string path) => Assert.Throws<InvalidFileException>(() => VideoSettingsReader.Read(path)).Message;

    private string Written(string text) => Written(Encoding.UTF8.GetBytes(text));

    private string Written(ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(_folder["file"], bytes.ToArray());
        return _folder["file"];
    }

    public void Dispose() => _folder.Dispose();
}
