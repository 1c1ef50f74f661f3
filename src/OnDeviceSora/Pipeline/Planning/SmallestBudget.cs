using OnDeviceSora.Budget;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>The smallest memory budget that a model's default video fits, with a prompt of any length. Only headers are read.</summary>
internal static class SmallestBudget
{
    /// <summary>What a process that generates takes beside tensors, at least: more than one that only looks.</summary>
    private const long ProcessBytes = 72L << 20;

    private const long Step = 10_000_000;

    /// <summary>Bytes for a model folder, rounded up.</summary>
    /// <exception cref="SoraException">The folder cannot be opened.</exception>
    public static long Of(string folder)
    {
        var options = new PipelineOptions();
        using var model = ModelFolder.Open(folder);
        using var engine = new ComputeEngine(options.Threads);
        var request = new RequestResolver(model.Config).Resolve(new VideoRequest { Prompt = "x" });
        var limits = PlanningLimits.Of(budgetBytes: 0, Math.Max(ProcessBytes, ResidentMemory.CurrentBytes), engine.Memory.CurrentBytes, options);
        var planner = new GenerationPlanner(engine, model.Config, PipelineWeights.Of(engine, model), limits);
        return RoundUp(planner.SmallestBudget(request, model.Config.Transformer.ModelMaxLength));
    }

    /// <summary>Rounds up, so that the number a person reads suffices when it is typed.</summary>
    public static long RoundUp(long bytes) => (bytes + Step - 1) / Step * Step;
}
