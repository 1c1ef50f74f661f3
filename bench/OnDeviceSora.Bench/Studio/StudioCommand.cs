using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OnDeviceSora.Benchmarks;

namespace OnDeviceSora.Bench.Studio;

/// <summary><c>bench studio</c>: what many clients cost a video that is being generated, and how long they wait.</summary>
internal static class StudioCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Option<int> threads, Option<bool> json)
    {
        var model = new Option<string>("--model") { Description = "The model's folder.", HelpName = "DIR", Required = true };
        var clients = new Option<int>("--clients") { Description = "Clients at once, half polling once a second, half streaming events.", DefaultValueFactory = _ => 200 };
        var runs = new Option<int>("--runs") { Description = "Videos with and without clients, in turn.", DefaultValueFactory = _ => 5 };
        var size = new Option<int>("--side") { Description = "Width and height of the videos in pixels.", DefaultValueFactory = _ => 128 };
        var steps = new Option<int>("--steps") { Description = "Denoising steps.", DefaultValueFactory = _ => 60 };
        var command = new Command("studio", "Generation by sora serve alone and with many clients, in turn: the slowdown, and the time a status takes.") { model, clients, runs, size, steps, threads, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var studio = await StudioProcess.StartAsync(parsed.GetRequiredValue(model), parsed.GetValue(threads)).ConfigureAwait(false);
            var request = new { prompt = "a big red circle moving left over the sea", width = parsed.GetValue(size), height = parsed.GetValue(size), num_inference_steps = parsed.GetValue(steps), leap = "off" };
            await studio.FinishAsync(await studio.CreateAsync(request).ConfigureAwait(false)).ConfigureAwait(false);
            var result = new LoadResult();
            for (var run = 0; run < parsed.GetValue(runs); run++)
            {
                result.Alone.Add(await studio.FinishAsync(await studio.CreateAsync(request).ConfigureAwait(false)).ConfigureAwait(false));
                await LoadAsync(studio, request, parsed.GetValue(clients), result).ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
            }

            Print(result, parsed.GetValue(clients), parsed.GetValue(json));
        });
        return command;
    }

    private static async Task LoadAsync(StudioProcess studio, object request, int count, LoadResult result)
    {
        var id = await studio.CreateAsync(request).ConfigureAwait(false);
        await using var clients = new StudioClients(studio.Client.BaseAddress!, id, count);
        using var self = Process.GetCurrentProcess();
        var (before, clock) = (self.TotalProcessorTime, Stopwatch.StartNew());
        clients.Start();
        result.Loaded.Add(await studio.FinishAsync(id).ConfigureAwait(false));
        self.Refresh();
        result.ClientLoad.Add((self.TotalProcessorTime - before) / clock.Elapsed);
        result.Milliseconds.AddRange(clients.Milliseconds);
        result.Events += clients.Events;
    }

    private static void Print(LoadResult result, int clients, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { clients, alone = result.Alone, loaded = result.Loaded, slowdown = result.Slowdown, p50 = result.Percentile(0.5), p99 = result.Percentile(0.99), longest = result.Percentile(1), statuses = result.Milliseconds.Count, events = result.Events, clientCores = result.ClientLoad.Average() }));
            return;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"generation alone    {Timing.Median(result.Alone):0.00} s (median of {result.Alone.Count}: {string.Join(", ", result.Alone.Select(time => time.ToString("0.00", CultureInfo.InvariantCulture)))})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"with {clients} clients    {Timing.Median(result.Loaded):0.00} s ({string.Join(", ", result.Loaded.Select(time => time.ToString("0.00", CultureInfo.InvariantCulture)))})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"slowdown            {100 * (result.Slowdown - 1):0.0} % (median of the pairs), the clients' own processor time included: {result.ClientLoad.Average():0.00} cores"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a status            p50 {result.Percentile(0.5):0.0} ms, p99 {result.Percentile(0.99):0.0} ms, longest {result.Percentile(1):0.0} ms ({result.Milliseconds.Count} of them, {result.Events} events)"));
    }

    private sealed class LoadResult
    {
        public List<double> Alone { get; } = [];

        public List<double> Loaded { get; } = [];

        public List<double> ClientLoad { get; } = [];

        public List<double> Milliseconds { get; } = [];

        public long Events { get; set; }

        /// <summary>Median of the pairs' ratios: neighbours in time, since the speed of a shared machine changes with the hour.</summary>
        public double Slowdown => Timing.Median(Alone.Zip(Loaded, (alone, loaded) => loaded / alone));

        public double Percentile(double share)
        {
            var sorted = Milliseconds.Order().ToList();
            return sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))];
        }
    }
}
