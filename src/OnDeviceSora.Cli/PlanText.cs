using System.Globalization;

namespace OnDeviceSora.Cli;

/// <summary>A plan as text.</summary>
internal static class PlanText
{
    /// <summary>A table of the stages, and what holds for all of them.</summary>
    public static void Write(TextWriter output, GenerationPlan plan)
    {
        output.WriteLine(Row("stage", "blocks", "stay", "weights", "buffers", "activations", "peak", "time"));
        foreach (var stage in plan.Stages)
        {
            output.WriteLine(Row(
                NameOf(stage.Kind), Number(stage.Blocks), Number(stage.ResidentBlocks), ProgressText.Bytes(stage.WeightBytes), ProgressText.Bytes(stage.BufferBytes),
                ProgressText.Bytes(stage.ActivationBytes), ProgressText.Bytes(stage.PeakBytes), stage.Time is { } time ? ProgressText.Duration(time) : ""));
        }
        output.WriteLine($"budget {ProgressText.Bytes(plan.BudgetBytes)}, of it {ProgressText.Bytes(plan.BaselineBytes)} beside the models; streaming {NameOf(plan.Streaming)}{Slices(plan)}{(plan.KeepsText ? "" : "; text keys and values in every step")}");
        output.WriteLine(Summary(plan));
        if (plan.TilesForMemory) output.WriteLine(TilesNote(plan));
    }

    /// <summary>A plan in one line.</summary>
    public static string Summary(GenerationPlan plan)
    {
        string time = plan.Time is { } all ? $", about {ProgressText.Duration(all)}" : "";
        var denoising = plan.Stages.First(stage => stage.Kind == PlannedStage.Denoising);
        return $"plan: peak {ProgressText.Bytes(plan.PeakBytes)} of {ProgressText.Bytes(plan.BudgetBytes)}, {Number(denoising.ResidentBlocks)} of {Number(denoising.Blocks)} transformer blocks stay in memory{time}";
    }

    /// <summary>Says that the budget changes the pictures.</summary>
    public static string TilesNote(GenerationPlan plan) =>
        $"the budget leaves room only for decoding in tiles of {plan.DecodeTile} latent cells, which changes the pictures slightly";

    public static string NameOf(PlannedStage stage) => stage switch
    {
        PlannedStage.TextEncoding => "text encoding",
        PlannedStage.Denoising => "denoising",
        PlannedStage.TemporalDecoding => "decoding in time",
        _ => "decoding pictures",
    };

    private static string NameOf(Streaming.StreamingMode mode) => StreamingOption.NameOf(mode);

    private static string Slices(GenerationPlan plan) => (plan.AttentionSlices, plan.CrossAttentionSlices, plan.MlpSlices) switch
    {
        (1, 1, 1) => "",
        var (attention, cross, mlp) => string.Create(CultureInfo.InvariantCulture, $"; slices: attention {attention}, cross attention {cross}, MLP {mlp}"),
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Row(string stage, params string[] cells) => stage.PadRight(18) + string.Concat(cells.Select(cell => cell.PadLeft(12)));
}
