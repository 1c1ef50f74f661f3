using System.Globalization;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Cli;

/// <summary>What a conversion changed, as text: the layers that changed most, and the mean of each file.</summary>
internal static class ConversionReport
{
    private const int Worst = 5;

    public static void Write(TextWriter output, PackageManifest manifest)
    {
        foreach (var file in manifest.Errors.GroupBy(error => error.File))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{file.Key}: relative L2 error of {file.Count()} layers, mean {file.Average(error => error.RelativeL2):0.00000}; the largest:"));
            foreach (var error in file.OrderByDescending(error => error.RelativeL2).Take(Worst))
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {error.RelativeL2:0.00000}  {error.Tensor}"));
        }
    }
}
