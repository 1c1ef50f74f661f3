using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>One call of the diffusion transformer, with its stages.</summary>
internal static class STDiT3Goldens
{
    public static void Run(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        using var model = STDiT3.Load(engine, weights, STDiT3Config.Parse(golden.Config, golden.FilePath));
        using var text = EmbedCaptions(engine, model, golden);
        var merges = golden.Parameters.TryGetProperty("tdtm", out var merging) && merging.GetBoolean();

        if (golden.Has("mid.y_packed")) golden.Compare("mid.y_packed", Packed(text));
        ComparePositions(engine, golden);
        model.Observer = golden.Observe;
        Compare(golden, "out.pred", Forward(engine, model, golden, text, merges));
        model.Observer = null;
        if (golden.Has("out.pred_not_merged")) Compare(golden, "out.pred_not_merged", Forward(engine, model, golden, text, merge: false));
    }

    /// <summary>The case's prediction with its sublayers computed in slices, and the text's keys and values kept or not.</summary>
    public static float[] Predict(GoldenCase golden, ActivationSlices slices, bool keepsText = true)
    {
        using var engine = new ComputeEngine(2);
        using var weights = golden.OpenWeights();
        using var model = STDiT3.Load(engine, weights, STDiT3Config.Parse(golden.Config, golden.FilePath));
        using var text = EmbedCaptions(engine, model, golden, keepsText);
        model.Slices = slices;
        using var prediction = Forward(engine, model, golden, text, golden.Parameters.TryGetProperty("tdtm", out var merging) && merging.GetBoolean());
        return prediction.Span.ToArray();
    }

    private static Tensor Forward(ComputeEngine engine, STDiT3 model, GoldenCase golden, TextConditioning text, bool merge)
    {
        using var latents = golden.Load(engine, "in.x");
        var video = new VideoGeometry(golden["in.height"].Floats()[0], golden["in.width"].Floats()[0], golden["in.fps"].Floats()[0]);
        var active = golden.Has("in.x_mask") ? new ActiveFrames(golden["in.x_mask"].Flags(), latents.Shape[2]) : null;
        using var conditioning = model.Condition(text, video, latents.Shape);
        return model.Forward(latents, golden["in.timestep"].Floats(), conditioning, active, merge, CancellationToken.None);
    }

    private static void Compare(GoldenCase golden, string name, Tensor prediction)
    {
        using (prediction) golden.Compare(name, prediction.Span);
    }

    /// <summary>The captions; a mask of fewer rows is repeated as a whole.</summary>
    private static TextConditioning EmbedCaptions(ComputeEngine engine, STDiT3 model, GoldenCase golden, bool keepsText = true)
    {
        using var y = golden.Load(engine, "in.y");
        var (batch, length, channels) = (y.Shape[0], y.Shape[2], y.Shape[3]);
        var mask = golden.Has("in.mask") ? golden["in.mask"].Flags() : [.. Enumerable.Repeat(true, length)];
        bool[] repeated = [.. Enumerable.Range(0, batch * length).Select(i => mask[i % mask.Length])];
        return model.Caption.Run(engine, y.Reshape(batch, length, channels), repeated, keepsText);
    }

    /// <summary>The rows that count of all captions, one after another.</summary>
    private static float[] Packed(TextConditioning text)
    {
        var (rows, width) = (text.MaximumLength, text.Embeddings.Shape[2]);
        var packed = new List<float>();
        for (var item = 0; item < text.Lengths.Count; item++) packed.AddRange(text.Embeddings.Span.Slice(item * rows * width, text.Lengths[item] * width));
        return [.. packed];
    }

    private static void ComparePositions(ComputeEngine engine, GoldenCase golden)
    {
        if (!golden.Has("mid.pos_emb")) return;
        var config = STDiT3Config.Parse(golden.Config, golden.FilePath);
        var shape = golden["in.x"].Shape;
        var (rows, columns) = ((shape[3] + config.PatchSize.Height - 1) / config.PatchSize.Height, (shape[4] + config.PatchSize.Width - 1) / config.PatchSize.Width);
        var area = (double)golden["in.height"].Floats()[0] * golden["in.width"].Floats()[0];
        using var positions = engine.Allocate(rows * columns, config.HiddenSize);
        PositionEmbedding.Compute(rows, columns, Math.Sqrt(area) / config.InputSqSize, positions);
        golden.Compare("mid.pos_emb", positions.Span);
    }
}
