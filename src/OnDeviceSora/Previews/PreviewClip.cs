using OnDeviceSora.Media;

namespace OnDeviceSora.Previews;

/// <summary>A clip with all colours, smooth and with edges, at rest and moving: what a preview is fitted on. Always the same.</summary>
internal static class PreviewClip
{
    private const int Side = 64, Discs = 12, Seed = 7;

    /// <summary>Draws it.</summary>
    public static IReadOnlyList<VideoFrame> Draw(int frames)
    {
        var random = new Random(Seed);
        var waves = Enumerable.Range(0, 3).Select(_ => new Wave(random)).ToArray();
        var discs = Enumerable.Range(0, Discs).Select(_ => new Disc(random)).ToArray();
        return [.. Enumerable.Range(0, frames).Select(frame => DrawFrame(frame, waves, discs))];
    }

    private static VideoFrame DrawFrame(int frame, Wave[] waves, Disc[] discs)
    {
        var rgb = new byte[Side * Side * 3];
        Span<float> pixel = stackalloc float[3];
        for (var i = 0; i < Side * Side; i++)
        {
            Paint(pixel, i % Side, i / Side, frame, waves, discs);
            for (var colour = 0; colour < 3; colour++) rgb[3 * i + colour] = (byte)((pixel[colour] + 1) * 127.5f);
        }
        return new VideoFrame(Side, Side, rgb);
    }

    private static void Paint(Span<float> pixel, int x, int y, int frame, Wave[] waves, Disc[] discs)
    {
        for (var colour = 0; colour < 3; colour++) pixel[colour] = waves[colour].At(x, y);
        foreach (var disc in discs)
        {
            if (disc.Covers(x, y, frame)) disc.Colour.CopyTo(pixel);
        }
    }

    private sealed class Wave(Random random)
    {
        private readonly float _x = Frequency(random), _y = Frequency(random), _phase = random.NextSingle() * MathF.Tau;

        public float At(int x, int y) => MathF.Sin(_x * x + _y * y + _phase);

        private static float Frequency(Random random) => (random.NextSingle() - 0.5f) * MathF.Tau / (Side / 2);
    }

    private sealed class Disc(Random random)
    {
        private readonly float _x = random.Next(Side), _y = random.Next(Side), _radius = 4 + 12 * random.NextSingle();
        private readonly float _dx = Speed(random), _dy = Speed(random);

        public float[] Colour { get; } = [.. Enumerable.Range(0, 3).Select(_ => 2 * random.NextSingle() - 1)];

        public bool Covers(int x, int y, int frame)
        {
            var (dx, dy) = (x - _x - _dx * frame, y - _y - _dy * frame);
            return dx * dx + dy * dy <= _radius * _radius;
        }

        private static float Speed(Random random) => random.Next(2) == 0 ? 0 : 2 * random.NextSingle() - 1;
    }
}
