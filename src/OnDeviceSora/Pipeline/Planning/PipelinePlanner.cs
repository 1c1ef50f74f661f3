using OnDeviceSora.Budget;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>Plans the generations of an open model, with the memory that this process has right now.</summary>
/// <param name="engine">Where they will run.</param>
/// <param name="model">The open model folder.</param>
/// <param name="options">How to run; its budget is set.</param>
/// <param name="budgetIsGiven">Whether the user set the budget.</param>
internal sealed class PipelinePlanner(ComputeEngine engine, ModelFolder model, PipelineOptions options, bool budgetIsGiven)
{
    private readonly long _outsideAtFirst = Outside(engine);
    private readonly Lazy<PipelineWeights> _weights = new(() => PipelineWeights.Of(engine, model));

    /// <summary>Plans a generation.</summary>
    /// <param name="request">A complete request.</param>
    /// <param name="textTokens">Tokens of its prompt.</param>
    /// <param name="speed">How fast the machine is, or <c>null</c> for a plan without times.</param>
    /// <exception cref="InvalidRequestException">It does not fit the budget; the message says what does.</exception>
    public GenerationPlan Plan(VideoRequest request, int textTokens, MachineSpeed? speed = null)
    {
        var limits = Limits();
        return Planner(limits, speed).TryPlan(request, textTokens) ?? throw Refusal(limits, request, textTokens);
    }

    /// <summary>Plans the decoding of latents. What a sampling has left behind in the process is no reason to refuse it.</summary>
    /// <param name="request">The request they were sampled for, complete.</param>
    /// <exception cref="InvalidRequestException">It does not fit the budget; the message says what does.</exception>
    public GenerationPlan PlanDecoding(VideoRequest request)
    {
        var now = Limits() with { DecodingOnly = true };
        var fresh = now with { BaselineBytes = _outsideAtFirst + PlanningLimits.Allowance };
        return Planner(now).TryPlan(request, textTokens: 1) ?? Planner(fresh).TryPlan(request, textTokens: 1) ?? throw Refusal(fresh, request, textTokens: 1);
    }

    /// <summary>Plans a generation in a process that does nothing else: as it was when the model was opened.</summary>
    /// <param name="request">A complete request.</param>
    /// <param name="textTokens">Tokens of its prompt.</param>
    /// <param name="budgetBytes">The budget, or <c>null</c> for the options'.</param>
    /// <param name="speed">How fast the machine is, or <c>null</c> for a plan without times.</param>
    /// <exception cref="InvalidRequestException">It does not fit; the message says what does.</exception>
    public GenerationPlan PlanAlone(VideoRequest request, int textTokens, long? budgetBytes, MachineSpeed? speed)
    {
        var limits = PlanningLimits.Of(budgetBytes ?? options.Memory!.Bytes, _outsideAtFirst, _outsideAtFirst, options);
        return Planner(limits, speed).TryPlan(request, textTokens) ?? throw Refusal(limits, request, textTokens, budgetIsGiven || budgetBytes is not null);
    }

    private PlanningLimits Limits() => PlanningLimits.Of(options.Memory!.Bytes, _outsideAtFirst, Outside(engine), options);

    /// <summary>What the process takes beside tensors.</summary>
    private static long Outside(ComputeEngine engine)
    {
        var resident = ResidentMemory.CurrentBytes;
        return Math.Max(0, resident - engine.Memory.CurrentBytes - engine.Memory.KeptBytes);
    }

    private GenerationPlanner Planner(PlanningLimits limits, MachineSpeed? speed = null) => new(engine, model.Config, _weights.Value, limits, speed);

    private InvalidRequestException Refusal(PlanningLimits limits, VideoRequest request, int textTokens, bool? isGiven = null) =>
        new BudgetAdvice(Planner(limits), limits, model.Config).For(isGiven ?? budgetIsGiven ? nameof(PipelineOptions.Memory) : nameof(VideoRequest.Frames), request, textTokens);
}
