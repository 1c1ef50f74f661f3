using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Tests.InstructionSets;

/// <summary>Runs all operation tests again, in child processes, with instruction sets switched off as .NET 10 names them.</summary>
public class InstructionSetTests
{
    /// <summary>Setting, and what <see cref="OperationsProgram.Features"/> must then contain on an x64 CPU.</summary>
    public static TheoryData<string, string, string> Settings => new()
    {
        { "DOTNET_EnableAVX512", "0", "avx512 False" },
        { "DOTNET_EnableAVX2", "0", "width 128 lanes 4 avx512 False avx2 False fma False vector128 True" },
        { "DOTNET_EnableHWIntrinsic", "0", "width 128 lanes 4 avx512 False avx2 False fma False vector128 False" },
        { "DOTNET_MaxVectorTBitWidth", "512", "" },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Operations_agree_with_the_reference_under(string setting, string value, string features)
    {
        var (code, lines) = Run(setting, value);
        Assert.True(code == 0, $"{setting}={value}: exit code {code}\n{string.Join('\n', lines)}");
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            Assert.Contains(features, lines[0], StringComparison.Ordinal);
            if (setting == "DOTNET_EnableAVX512" && Avx2.IsSupported) Assert.StartsWith("width 256 lanes 8 ", lines[0], StringComparison.Ordinal);
            if (setting == "DOTNET_MaxVectorTBitWidth" && Avx512F.IsSupported) Assert.StartsWith("width 512 lanes 16 ", lines[0], StringComparison.Ordinal);
        }
        // "tests N failed 0": that none failed says something only if there were some.
        var last = lines[^1].Split(' ');
        Assert.Equal(["tests", "failed", "0"], [last[0], last[2], last[3]]);
        Assert.InRange(int.Parse(last[1]), 80, int.MaxValue);
    }

    private static (int Code, string[] Lines) Run(string setting, string value)
    {
        var start = new ProcessStartInfo(Host()) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(InstructionSetTests).Assembly.Location);
        start.Environment[setting] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, (output + errors.Result).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    /// <summary>The host that the running framework belongs to: [root]/shared/Microsoft.NETCore.App/[version].</summary>
    private static string Host() =>
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
}
