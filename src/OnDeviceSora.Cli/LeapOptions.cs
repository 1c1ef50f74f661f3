using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OnDeviceSora.Acceleration;

namespace OnDeviceSora.Cli;

/// <summary>The options of Linear Proportional Leap.</summary>
internal sealed class LeapOptions
{
    private readonly Option<LeapSettings?> _leap = OptionParsing.Create<LeapSettings?>("--leap", "off|auto|N",
        "Linear Proportional Leap, fewer denoising steps: off; auto (when consecutive drifts stop becoming more alike); or the index, from 0, of the step that leaps (15 computes 16 steps). Default: auto.", Parse);

    private readonly Option<int?> _minimumSteps = OptionParsing.Whole("--leap-min-steps", "N", "With --leap auto: steps before similarities count. Default: 14.", minimum: 1);

    private readonly Option<float?> _tolerance = OptionParsing.Real("--leap-tolerance", "X", "With --leap auto: a similarity is better only when it exceeds the best by more than X, 0 to 1. Default: 0.001.");

    private readonly Option<int?> _patience = OptionParsing.Whole("--leap-patience", "N", "With --leap auto: steps in a row that may fail to be better. Default: 3.", minimum: 1);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_leap, _minimumSteps, _tolerance, _patience])
            command.Add(option);
        command.Validators.Add(Check);
    }

    /// <summary>The settings that were asked for, or <paramref name="fallback"/>.</summary>
    public LeapSettings Settings(ParseResult parsed, LeapSettings fallback)
    {
        var leap = parsed.GetValue(_leap) ?? (Detail(parsed.CommandResult) is null || fallback is LeapSettings.Dynamic ? fallback : LeapSettings.Automatic);
        return leap is not LeapSettings.Dynamic dynamic ? leap : dynamic with
        {
            MinimumSteps = parsed.GetValue(_minimumSteps) ?? dynamic.MinimumSteps,
            Tolerance = parsed.GetValue(_tolerance) ?? dynamic.Tolerance,
            Patience = parsed.GetValue(_patience) ?? dynamic.Patience,
        };
    }

    private void Check(CommandResult result)
    {
        // Asking for the value would repeat the parser's own error, so only what was typed is looked at.
        if (Detail(result) is { } detail && result.GetResult(_leap) is { Tokens: [{ Value: not "auto" }, ..] })
            result.AddError($"{detail.Name} needs --leap auto");
    }

    /// <summary>An option of the automatic leap that was given.</summary>
    private Option? Detail(CommandResult result) => ((Option[])[_minimumSteps, _tolerance, _patience]).FirstOrDefault(option => result.GetResult(option) is not null);

    private static LeapSettings Parse(string text) => text switch
    {
        "off" => LeapSettings.Off,
        "auto" => LeapSettings.Automatic,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int step) => LeapSettings.At(step),
        _ => throw new FormatException("off, auto, or the index of a step, 0 or more"),
    };
}
