using System.Numerics;
using System.Reflection;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnDeviceSora.Tensors.Cpu;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace OnDeviceSora.Tensors.Tests.InstructionSets;

/// <summary>
/// The main program of this assembly: runs every test of category Operations in its own process, and prints what the
/// process has for instruction sets, the failures, and the counts. <see cref="InstructionSetTests"/> starts it.
/// </summary>
internal static class OperationsProgram
{
    public static int Main()
    {
        Console.WriteLine(Features());
        var assembly = Assembly.GetExecutingAssembly();
        using var framework = new XunitTestFramework(new Sink(_ => { }));
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly));
        using var executor = framework.GetExecutor(assembly.GetName());

        var cases = new List<ITestCase>();
        RunToEnd<IDiscoveryCompleteMessage>(sink => discoverer.Find(false, sink, new Options()), message =>
        {
            if (message is ITestCaseDiscoveryMessage { TestCase: var test } && IsOperation(test)) cases.Add(test);
        });

        var (run, failed) = (0, 0);
        RunToEnd<ITestAssemblyFinished>(sink => executor.RunTests(cases, sink, new Options()), message =>
        {
            if (message is ITestFinished) run++;
            if (message is not IFailureInformation failure) return;
            failed++;
            Console.WriteLine($"{(message as ITestMessage)?.Test.DisplayName}: {string.Join(" ", failure.Messages)}");
        });
        Console.WriteLine($"tests {run} failed {failed}");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>One line: the default width, the lanes of <see cref="Vector{T}"/>, and which sets are on.</summary>
    public static string Features() =>
        $"width {(int)CpuFeatures.WidestVector} lanes {Vector<float>.Count} avx512 {Avx512F.IsSupported} avx2 {Avx2.IsSupported} fma {Fma.IsSupported} vector128 {Vector128.IsHardwareAccelerated}";

    private static bool IsOperation(ITestCase test) => test.Traits.TryGetValue("Category", out var categories) && categories.Contains("Operations");

    /// <summary>Starts something that reports by messages, and returns after the last of them.</summary>
    private static void RunToEnd<TLast>(Action<IMessageSink> start, Action<IMessageSinkMessage> onMessage)
    {
        using var finished = new ManualResetEventSlim();
        var gate = new object();
        start(new Sink(message =>
        {
            lock (gate) onMessage(message);
            if (message is TLast) finished.Set();
        }));
        finished.Wait();
    }

    private sealed class Sink(Action<IMessageSinkMessage> onMessage) : Xunit.LongLivedMarshalByRefObject, IMessageSink
    {
        public bool OnMessage(IMessageSinkMessage message)
        {
            onMessage(message);
            return true;
        }
    }

    /// <summary>The framework's own defaults.</summary>
    private sealed class Options : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
    {
        public TValue GetValue<TValue>(string name) => default!;

        public void SetValue<TValue>(string name, TValue value) { }
    }
}
