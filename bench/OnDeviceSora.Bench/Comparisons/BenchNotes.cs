using System.Globalization;

namespace OnDeviceSora.Bench.Comparisons;

/// <summary>What a reader of the results should know, on standard error: results alone go to standard output.</summary>
internal static class BenchNotes
{
    /// <summary>Writes a note.</summary>
    public static void Write(FormattableString note) => Console.Error.WriteLine("note: " + note.ToString(CultureInfo.InvariantCulture));
}
