using System.CommandLine;
using OnDeviceSora.Bench;
using OnDeviceSora.Bench.Layers;
using OnDeviceSora.Bench.Streaming;
using OnDeviceSora.Bench.Synthesis;

var threads = new Option<int>("--threads") { Description = "Compute threads, ours and the peer's.", DefaultValueFactory = _ => Environment.ProcessorCount };
var runs = new Option<int>("--runs") { Description = "Counted runs of each; medians are reported.", DefaultValueFactory = _ => 7 };
var peer = new Option<string>("--peer") { Description = "Whom to compare with, run by run in turn.", DefaultValueFactory = _ => "none" };
peer.AcceptOnlyFromAmong("none", "torch");
var json = new Option<bool>("--json") { Description = "Print one JSON object a line." };

var root = new RootCommand("Benchmarks of On-device Sora: kernels and whole models, beside what else does the same work.");
Add("matmul", "The matrix products of STDiT3-XL/2's MLP.", MatMulBench.Run);
Add("block", "One spatial and one temporal block of STDiT3-XL/2.", BlockBench.Run);
root.Add(SynthesizeCommand.Build());
root.Add(StreamingCommand.Build(threads, json));
root.Add(LayersCommand.Build(threads, json));
return root.Parse(args).Invoke();

void Add(string name, string description, Action<BenchOptions> run)
{
    var command = new Command(name, description) { threads, runs, peer, json };
    command.SetAction(parsed => run(new BenchOptions(
        parsed.GetValue(threads), parsed.GetValue(runs), parsed.GetValue(peer) ?? "none", parsed.GetValue(json))));
    root.Add(command);
}
