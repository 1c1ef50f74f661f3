using System.Globalization;

namespace OnDeviceSora.Sizes;

/// <summary>
/// The frame sizes Open-Sora v1.2 was trained at, by name of a resolution and an aspect ratio (specification section 9).
/// </summary>
public static class NamedSizes
{
    private static readonly string[] Ratios =
    [
        "3:8", "9:21", "12:25", "1:2", "9:17", "27:50", "9:16", "5:8", "2:3", "3:4", "1:1", "4:3", "3:2", "16:9", "17:9",
        "2:1", "50:27",
    ];

    private static readonly Dictionary<string, Dictionary<string, FrameSize>> Table = new(StringComparer.OrdinalIgnoreCase)
    {
        ["144p"] = Sizes(
            (117, 312), (125, 291), (133, 277), (135, 270), (139, 262), (141, 260), (144, 256), (151, 241), (156, 234),
            (166, 221), (192, 192), (221, 165), (235, 156), (256, 144), (263, 139), (271, 135), (277, 132)),
        ["240p"] = Sizes(
            (196, 522), (210, 490), (222, 462), (226, 452), (232, 438), (236, 436), (240, 426), (252, 404), (262, 393),
            (276, 368), (320, 320), (370, 278), (392, 262), (426, 240), (440, 232), (452, 226), (462, 222)),
        ["360p"] = Sizes(
            (294, 784), (314, 732), (332, 692), (340, 680), (350, 662), (352, 652), (360, 640), (380, 608), (392, 588),
            (416, 554), (480, 480), (554, 416), (588, 392), (640, 360), (660, 350), (678, 340), (692, 332)),
        ["480p"] = Sizes(
            (392, 1046), (420, 980), (444, 925), (452, 904), (466, 880), (470, 870), (480, 854), (506, 810), (522, 784),
            (554, 738), (640, 640), (740, 555), (784, 522), (854, 480), (880, 466), (906, 454), (924, 444)),
        ["720p"] = Sizes(
            (588, 1568), (628, 1466), (666, 1388), (678, 1356), (698, 1318), (706, 1306), (720, 1280), (758, 1212), (784, 1176),
            (832, 1110), (960, 960), (1108, 832), (1176, 784), (1280, 720), (1320, 698), (1358, 680), (1386, 666)),
        ["1080p"] = Sizes(
            (882, 2352), (942, 2198), (998, 2080), (1018, 2036), (1048, 1980), (1058, 1958), (1080, 1920), (1138, 1820),
            (1176, 1764), (1248, 1664), (1440, 1440), (1662, 1246), (1764, 1176), (1920, 1080), (1980, 1048), (2036, 1018),
            (2078, 998)),
        ["2k"] = Sizes(
            (1176, 3136), (1256, 2930), (1330, 2770), (1358, 2716), (1398, 2640), (1412, 2612), (1440, 2560), (1518, 2428),
            (1568, 2352), (1662, 2216), (1920, 1920), (2218, 1664), (2352, 1568), (2560, 1440), (2638, 1396), (2716, 1358),
            (2772, 1330)),
        ["4k"] = Sizes(
            (1764, 4704), (1886, 4400), (1996, 4158), (2036, 4072), (2096, 3960), (2118, 3918), (2160, 3840), (2276, 3642),
            (2352, 3528), (2494, 3326), (2880, 2880), (3326, 2494), (3528, 2352), (3840, 2160), (3958, 2096), (4072, 2036),
            (4156, 1994)),
        // The square families were trained at other ratios, of which one has a common name.
        ["256"] = new() { ["12:25"] = new FrameSize(176, 368) },
        ["512"] = new() { ["12:25"] = new FrameSize(352, 736) },
    };

    private static readonly Dictionary<string, int> PixelCounts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["144p"] = 36_864,
        ["256"] = 65_536,
        ["240p"] = 102_240,
        ["360p"] = 230_400,
        ["512"] = 262_144,
        ["480p"] = 409_920,
        ["720p"] = 921_600,
        ["1024"] = 1_048_576,
        ["1080p"] = 2_073_600,
        ["2k"] = 3_686_400,
        ["2048"] = 4_194_304,
        ["2880"] = 8_294_400,
        ["4k"] = 8_294_400,
    };

    /// <summary>The names of the resolutions, smallest first.</summary>
    public static IReadOnlyList<string> Resolutions { get; } = [.. Table.Keys.OrderBy(name => PixelCounts[name])];

    /// <summary>The names of the aspect ratios, height to width, tallest frame last.</summary>
    public static IReadOnlyList<string> AspectRatios => Ratios;

    /// <summary>The size of a frame.</summary>
    /// <param name="resolution">A name of <see cref="Resolutions"/>, for example <c>240p</c>.</param>
    /// <param name="aspectRatio">Height to width, a name of <see cref="AspectRatios"/>, for example <c>9:16</c>.</param>
    /// <exception cref="InvalidRequestException">There is no such resolution, or it has no such aspect ratio; the message lists what there is.</exception>
    public static FrameSize Find(string resolution, string aspectRatio)
    {
        if (!Table.TryGetValue(resolution, out var sizes))
            throw new InvalidRequestException("Resolution", $"there is no resolution '{resolution}'; known are {string.Join(", ", Resolutions)}.");
        if (!sizes.TryGetValue(aspectRatio, out var size))
            throw new InvalidRequestException("AspectRatio",
                $"the resolution {resolution} has no aspect ratio '{aspectRatio}' (height:width); it has {string.Join(", ", sizes.Keys)}.");
        return size;
    }

    /// <summary>How many pixels a frame of a resolution has, whatever its aspect ratio, about.</summary>
    /// <param name="resolution">A name of <see cref="Resolutions"/>, or one of <c>1024</c>, <c>2048</c> and <c>2880</c>.</param>
    /// <exception cref="InvalidRequestException">There is no such resolution.</exception>
    public static int PixelCount(string resolution) =>
        PixelCounts.TryGetValue(resolution, out int count)
            ? count
            : throw new InvalidRequestException("Resolution", $"there is no resolution '{resolution}'; known are {string.Join(", ", PixelCounts.Keys)}.");

    /// <summary>The key under which an aspect ratio stands in Open-Sora's own tables: height over width, two decimals.</summary>
    /// <param name="aspectRatio">A name of <see cref="AspectRatios"/>.</param>
    /// <exception cref="InvalidRequestException">There is no such aspect ratio.</exception>
    public static string RatioKey(string aspectRatio)
    {
        if (!Ratios.Contains(aspectRatio))
            throw new InvalidRequestException("AspectRatio", $"there is no aspect ratio '{aspectRatio}' (height:width); known are {string.Join(", ", Ratios)}.");
        if (aspectRatio == "50:27") return "2.08";   // the reference files it under the inverse of 12:25
        string[] parts = aspectRatio.Split(':');
        double ratio = double.Parse(parts[0], CultureInfo.InvariantCulture) / double.Parse(parts[1], CultureInfo.InvariantCulture);
        return ratio.ToString("F2", CultureInfo.InvariantCulture);
    }

    private static Dictionary<string, FrameSize> Sizes(params (int Height, int Width)[] sizes) =>
        Ratios.Zip(sizes, (ratio, size) => (ratio, size)).ToDictionary(
            pair => pair.ratio, pair => new FrameSize(pair.size.Height, pair.size.Width));
}
