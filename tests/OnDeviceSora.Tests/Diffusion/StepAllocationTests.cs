using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Pipeline;
using Xunit.Abstractions;

namespace OnDeviceSora.Tests.Diffusion;

/// <summary>A denoising step leaves to the garbage collector what its operators are called with, and nothing of the size of the video.</summary>
public sealed class StepAllocationTests(ITestOutputHelper output)
{
    /// <summary>About 30 operators a block: of each the result's tensor, its shape, a loop's body and what that holds. Measured: 8 to 9 KB.</summary>
    private const long BytesPerBlock = 12 << 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Managed_memory_of_a_step_does_not_grow_with_the_video(bool merge)
    {
        var (small, large) = (Measure(frames: 4, side: 8, merge), Measure(frames: 10, side: 24, merge));
        output.WriteLine($"merge {merge}: {small:N0} bytes for 4 frames of 8x8, {large:N0} for 10 of 24x24");
        Assert.InRange(large, 0, small + 1024);
        Assert.InRange(large, 0, 8 * BytesPerBlock);
    }

    /// <summary>Bytes of a guided step of the embedded model, after one that computed what lasts for the video.</summary>
    private static long Measure(int frames, int side, bool merge)
    {
        // One thread: all allocations are its own.
        using var engine = new ComputeEngine(1);
        using var model = ModelFolder.Open(EmbeddedModel.Folder);
        using var transformer = STDiT3.Load(engine, model.Transformer, model.Config.Transformer);
        using var features = engine.AllocateZeroed(2, 10, model.Config.Transformer.CaptionChannels);
        using var text = transformer.Caption.Run(engine, features, [.. Enumerable.Repeat(true, 20)]);
        using var conditioned = new ConditionedSTDiT3(transformer, text, new VideoGeometry(64, 64, 24));
        using var latents = engine.AllocateZeroed(1, 4, frames, side, side);
        using var velocity = engine.Allocate(latents.Shape.Extents);
        var query = new VelocityQuery { Latents = latents, Timestep = 500, MergeTokens = merge };

        Step();
        // The least of several: code that the runtime has not optimised yet allocates more.
        return Enumerable.Range(0, 5).Min(_ => Step());

        long Step()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            new ClassifierFreeGuidance(2).Predict(engine, conditioned, query, velocity, CancellationToken.None);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
