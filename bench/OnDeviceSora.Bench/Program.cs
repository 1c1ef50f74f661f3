using System.CommandLine;
using OnDeviceSora.Bench.Comparisons;
using OnDeviceSora.Bench.Layers;
using OnDeviceSora.Bench.Precision;
using OnDeviceSora.Bench.Quality;
using OnDeviceSora.Bench.Streaming;
using OnDeviceSora.Bench.Studio;
using OnDeviceSora.Bench.Synthesis;

var threads = new Option<int>("--threads") { Description = "Compute threads, ours and the peers'.", DefaultValueFactory = _ => Environment.ProcessorCount };
var json = new Option<bool>("--json") { Description = "Print one JSON object a line." };

var root = new RootCommand("Benchmarks of On-device Sora: kernels and whole models, beside what else does the same work.");
foreach (var command in ComparisonCommand.BuildAll(threads, json)) root.Add(command);
root.Add(SynthesizeCommand.Build());
root.Add(StreamingCommand.Build(threads, json));
root.Add(LayersCommand.Build(threads, json));
root.Add(PrecisionCommand.Build(threads, json));
root.Add(QualityCommand.Build(threads, json));
root.Add(StudioCommand.Build(threads, json));
return root.Parse(args).Invoke();
