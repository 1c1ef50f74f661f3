using System.Text.Json;
using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Evaluation.VBench;
using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>Measures of videos, and what VBench makes of the results of its networks.</summary>
internal static class MetricsGoldens
{
    public static void Similarity(GoldenCase golden)
    {
        var pairs = Frames(golden, "in.a").Zip(Frames(golden, "in.b")).ToList();
        float[] ssim = [.. pairs.Select(pair => (float)StructuralSimilarity.Of(pair.First, pair.Second))];
        golden.Compare("out.ssim", ssim);
        golden.Compare("out.ssim_skimage", ssim);
        golden.Compare("out.psnr", [.. pairs.Select(pair => (float)PeakSignalToNoise.Of(pair.First, pair.Second))]);
    }

    public static void Flickering(GoldenCase golden) => golden.Compare("out.score", [(float)TemporalFlickering.Score(Frames(golden, "in.frames"))]);

    public static void Smoothness(GoldenCase golden) =>
        golden.Compare("out.score", [(float)MotionSmoothness.Score(Frames(golden, "in.original"), Frames(golden, "in.interpolated"))]);

    public static void Consistency(GoldenCase golden)
    {
        var features = golden["in.features"];
        golden.Compare("out.score", [(float)FeatureConsistency.Score([.. features.Floats().Chunk(features.Shape[1])])]);
    }

    public static void Dynamics(GoldenCase golden)
    {
        var flow = golden["in.flow"];
        var (height, width) = (flow.Shape[2], flow.Shape[3]);
        golden.Compare("mid.rad", [.. flow.Floats().Chunk(2 * height * width).Select(pair => (float)DynamicDegree.FastestSpeed(pair))]);
        golden.Compare("out.moves", [DynamicDegree.Moves(flow.Floats(), height, width) ? 1f : 0f]);
    }

    public static void Scaling(GoldenCase golden)
    {
        var raw = Numbers(golden.Root, "raw");
        var scaled = Numbers(golden.Root, "scaled");
        foreach (var dimension in VBenchDimension.All) Require(dimension.Name, scaled[dimension.Name], dimension.Scaled(raw[dimension.Name]));
        var score = VBenchScore.Of(raw);
        Require("quality_score", golden.Root.GetProperty("quality_score").GetDouble(), score.Quality);
        Require("semantic_score", golden.Root.GetProperty("semantic_score").GetDouble(), score.Semantic);
        Require("total", golden.Root.GetProperty("total").GetDouble(), score.Total);
    }

    private static Dictionary<string, double> Numbers(JsonElement root, string key) =>
        root.GetProperty(key).EnumerateObject().ToDictionary(number => number.Name, number => number.Value.GetDouble());

    private static void Require(string name, double golden, double actual)
    {
        // Written so that NaN fails.
        if (!(Math.Abs(golden - actual) <= 1e-9)) throw new GoldenMismatchException($"{name} should be {golden} and is {actual}");
    }

    private static VideoFrame[] Frames(GoldenCase golden, string name)
    {
        var tensor = golden[name];
        var (height, width) = (tensor.Shape[1], tensor.Shape[2]);
        return [.. tensor.Integers().Chunk(3 * height * width).Select(rgb => new VideoFrame(width, height, [.. rgb.Select(value => (byte)value)]))];
    }
}
