using System.CommandLine;
using OnDeviceSora.Bench.Peers;
using OnDeviceSora.Bench.Works;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Comparisons;

/// <summary><c>bench all</c> and its parts: our work beside that of the peers, and beside what the machine could do.</summary>
internal static class ComparisonCommand
{
    private static readonly TimeSpan LimitTime = TimeSpan.FromSeconds(1);

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> BuildAll(Option<int> threads, Option<bool> json)
    {
        var common = new CommonOptions(threads, json);
        yield return common.Build("matmul", "The matrix products of STDiT3-XL/2.", MatMuls);
        yield return common.Build("block", "One spatial and one temporal block of STDiT3-XL/2.", _ => [Block]);
        yield return common.Build("step", "All 28 pairs of blocks of STDiT3-XL/2: a denoising step.", _ => [Step]);
        yield return common.Build("vae", "The video autoencoder, decoding 17 frames.", engine => [Decoding(engine)]);
        yield return common.Build("t5", "T5-XXL on a prompt, 4 of its 24 layers.", _ => [TextEncoding]);
        yield return common.Build("all", "All of it: the table of this machine.", engine => [.. MatMuls(engine), Block, TextEncoding, Decoding(engine), Step]);
    }

    private static BenchItem Block => new(BlockPairsWork.Pair(VideoSize.Default), TimeSpan.FromSeconds(60));

    private static BenchItem Step => new(BlockPairsWork.Step(VideoSize.Default), TimeSpan.FromSeconds(360));

    private static BenchItem TextEncoding => new(new TextEncodingWork(tokens: 30, layers: 4), TimeSpan.FromSeconds(20));

    private static BenchItem Decoding(ComputeEngine engine) => new(new VideoDecodingWork(engine, VideoSize.Default with { Frames = 17 }), TimeSpan.FromSeconds(240));

    private static IEnumerable<BenchItem> MatMuls(ComputeEngine engine) => MatMulWork.OfSTDiT3.Select(work => new BenchItem(work, TimeSpan.FromSeconds(15)));

    private static void Run(BenchOptions options, Func<ComputeEngine, IEnumerable<BenchItem>> items)
    {
        using var engine = new ComputeEngine(options.Threads);
        IBenchReport report = options.Json ? new JsonReport(Console.Out) : new TableReport(Console.Out);
        var peers = Installed(options);
        report.Print(MachineLimits.Measure(engine, LimitTime));
        if (ProductPrecision.Bf16.Products(engine) == DataType.F32) BenchNotes.Write($"this CPU multiplies no bf16, or not as fast as fp32: such weights are widened, products are fp32");
        foreach (var item in items(engine)) report.Print(new Comparison(engine, peers, options.Runs).Run(item));
    }

    private static List<PeerRuntime> Installed(BenchOptions options)
    {
        var wanted = ((PeerRuntime[])[PeerRuntime.Torch, PeerRuntime.OnnxRuntime]).Where(peer => options.Peer == peer.Name || options.Peer == "all").ToList();
        if (options.InstallPeers && !PeerInstallation.Run()) BenchNotes.Write($"npm could not install onnxruntime-node");
        foreach (var peer in wanted.Where(peer => !peer.IsInstalled).ToList())
        {
            BenchNotes.Write($"no comparison with {peer.Name}: {peer.Remedy} (tried {peer.Program})");
            wanted.Remove(peer);
        }
        return wanted;
    }

    private sealed class CommonOptions(Option<int> threads, Option<bool> json)
    {
        private readonly Option<int?> _runs = new("--runs") { Description = "Counted runs of each; medians are reported. Default: as many as a work's time has room for, 7 at most; peers that take too long are left out." };
        private readonly Option<string> _peer = PeerOption();
        private readonly Option<bool> _install = new("--install-peers") { Description = $"Fetch ONNX Runtime first: {PeerInstallation.Command}." };

        public Command Build(string name, string description, Func<ComputeEngine, IEnumerable<BenchItem>> items)
        {
            var command = new Command(name, description) { threads, _runs, _peer, _install, json };
            command.SetAction(parsed => Run(
                new BenchOptions(parsed.GetValue(threads), parsed.GetValue(_runs), parsed.GetValue(_peer)!, parsed.GetValue(_install), parsed.GetValue(json)), items));
            return command;
        }

        private static Option<string> PeerOption()
        {
            var peer = new Option<string>("--peer") { Description = "Whom to compare with, run by run in turn.", DefaultValueFactory = _ => "all" };
            peer.AcceptOnlyFromAmong("all", "none", PeerRuntime.Torch.Name, PeerRuntime.OnnxRuntime.Name);
            return peer;
        }
    }
}
