using System.Text;
using System.Text.Json;

namespace OnDeviceSora.Cli;

/// <summary>A plan as one JSON object. Sizes are bytes, times seconds.</summary>
internal static class PlanJson
{
    public static string Of(GenerationPlan plan)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("budget", plan.BudgetBytes);
            json.WriteNumber("baseline", plan.BaselineBytes);
            json.WriteNumber("peak", plan.PeakBytes);
            json.WriteString("streaming", StreamingOption.NameOf(plan.Streaming));
            json.WriteNumber("attentionSlices", plan.AttentionSlices);
            json.WriteNumber("crossAttentionSlices", plan.CrossAttentionSlices);
            json.WriteNumber("mlpSlices", plan.MlpSlices);
            json.WriteBoolean("keepsText", plan.KeepsText);
            if (plan.DecodeTile is { } tile) json.WriteNumber("decodeTile", tile);
            else json.WriteNull("decodeTile");
            json.WriteBoolean("tilesForMemory", plan.TilesForMemory);
            WriteSeconds(json, plan.Time);
            json.WriteStartArray("stages");
            foreach (var stage in plan.Stages) Write(json, stage);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, StagePlan stage)
    {
        json.WriteStartObject();
        json.WriteString("stage", JsonNamingPolicy.CamelCase.ConvertName(stage.Kind.ToString()));
        json.WriteNumber("blocks", stage.Blocks);
        json.WriteNumber("passes", stage.Passes);
        json.WriteNumber("residentBlocks", stage.ResidentBlocks);
        json.WriteNumber("weights", stage.WeightBytes);
        json.WriteNumber("buffers", stage.BufferBytes);
        json.WriteNumber("activations", stage.ActivationBytes);
        json.WriteNumber("text", stage.TextBytes);
        json.WriteNumber("peak", stage.PeakBytes);
        json.WriteNumber("load", stage.LoadBytes);
        json.WriteNumber("operations", stage.Operations);
        WriteSeconds(json, stage.Time);
        json.WriteEndObject();
    }

    private static void WriteSeconds(Utf8JsonWriter json, TimeSpan? time)
    {
        if (time is { } value) json.WriteNumber("seconds", value.TotalSeconds);
        else json.WriteNull("seconds");
    }
}
