using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace OnDeviceSora.Cli;

/// <summary>Reads option values the same way in every country, and says in one line what would be right.</summary>
internal static class OptionParsing
{
    /// <summary>An option that takes a whole number.</summary>
    public static Option<T?> Whole<T>(string name, string valueName, string description, T minimum)
        where T : struct, IBinaryInteger<T> =>
        Create<T?>(name, valueName, description, text =>
            T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= minimum
                ? value
                : throw new FormatException($"a whole number, {minimum} or more"));

    /// <summary>An option that takes a finite number, with a point for decimals.</summary>
    public static Option<float?> Real(string name, string valueName, string description) =>
        Create<float?>(name, valueName, description, text => ParseReal(text) ?? throw new FormatException("a number such as 7 or 7.5"));

    /// <summary>An option that takes text: a path, mostly.</summary>
    public static Option<string?> Text(string name, string valueName, string description, params string[] aliases)
    {
        var option = Create<string?>(name, valueName, description, text =>
            text.Length > 0 ? text : throw new FormatException("a name, not nothing"));
        foreach (string alias in aliases)
            option.Aliases.Add(alias);
        return option;
    }

    /// <summary>An argument that must be given and names something: a path, or a model.</summary>
    public static Argument<string> Name(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
                result.AddError($"<{name}> must not be empty");
        });
        return argument;
    }

    /// <summary>An option whose value <paramref name="parse"/> reads; its <see cref="FormatException"/> says what would be right.</summary>
    public static Option<T?> Create<T>(string name, string valueName, string description, Func<string, T> parse) => new(name)
    {
        HelpName = valueName,
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Parse(name, result, parse),
    };

    /// <summary>Refuses two switches together.</summary>
    public static void Exclude(this Command command, Option<bool> one, Option<bool> other) => command.Validators.Add(result =>
    {
        if (result.GetValue(one) && result.GetValue(other))
            result.AddError($"{one.Name} and {other.Name} exclude each other");
    });

    private static float? ParseReal(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value) ? value : null;

    private static T? Parse<T>(string name, ArgumentResult result, Func<string, T> parse)
    {
        string text = result.Tokens[0].Value;
        try
        {
            return parse(text);
        }
        catch (FormatException error)
        {
            result.AddError($"{name} {Quote(text)}: it must be {error.Message}");
            return default;
        }
    }

    private static string Quote(string text) => "'" + (text.Length <= 60 ? text : text[..57] + "...") + "'";
}
