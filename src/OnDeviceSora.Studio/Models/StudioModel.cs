using OnDeviceSora.Budget;
using OnDeviceSora.Previews;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Studio.Models;

/// <summary>The installed model: opened anew for every video, and once for planning.</summary>
internal sealed class StudioModel : IDisposable
{
    private readonly StudioOptions _options;
    private readonly VideoPipeline _planning;

    /// <summary>Opens the model.</summary>
    /// <exception cref="SoraException">It cannot be used.</exception>
    public StudioModel(StudioOptions options)
    {
        _options = options;
        Id = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Model)));
        _planning = VideoPipeline.Open(options.Model, options.Pipeline with { Memory = options.Pipeline.Memory is { } memory ? new MemoryBudget(memory.Bytes) : null });
        Hash = _planning.Model[(_planning.Model.LastIndexOf('@') + 1)..];
        Defaults = _planning.Complete(new VideoRequest { Prompt = "a plan" });
        Formats = TrainedFormats.Of(Defaults);
    }

    /// <summary>Its name: that of its folder.</summary>
    public string Id { get; }

    /// <summary>The hash of its files.</summary>
    public string Hash { get; }

    /// <summary>What it makes when nothing else is asked for.</summary>
    public VideoRequest Defaults { get; }

    /// <summary>The sizes and lengths it was trained for.</summary>
    public TrainedFormats Formats { get; }

    /// <summary>The budget that was chosen, or <c>null</c> for what the machine can give.</summary>
    public long? ChosenBudget => _options.Pipeline.Memory?.Bytes;

    /// <summary>The budget in bytes: the chosen one, or what the machine could give when the server started.</summary>
    public long BudgetBytes => _planning.BudgetBytes;

    /// <summary>Whether a name in a request means this model: its own, or one that the hosted API had.</summary>
    public bool Answers(string name) => name == Id || ModelAliases.Means(name);

    /// <summary>The request with all defaults, checked, without a look at memory.</summary>
    /// <exception cref="InvalidRequestException">It cannot be honoured.</exception>
    public VideoRequest Complete(VideoRequest request) => _planning.Complete(request);

    /// <summary>What a generation would take. The first call measures the machine, which takes part of a second.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="memory">Bytes it may take, or <c>null</c> for the server's budget.</param>
    /// <exception cref="InvalidRequestException">It cannot be honoured, or does not fit.</exception>
    public GenerationPlan Plan(VideoRequest request, long? memory = null) => _planning.PlanAlone(request, Budget(memory));

    /// <summary>Measures the machine, so that later plans need not.</summary>
    public void Warm()
    {
        try
        {
            Plan(Defaults);
        }
        catch (InvalidRequestException)
        {
            // Its default video does not fit the memory; smaller ones may.
        }
    }

    /// <summary>Opens the model to generate one video.</summary>
    /// <param name="memory">Bytes it may take, or <c>null</c> for the server's budget.</param>
    /// <param name="timeline">Receives what the blocks do.</param>
    /// <param name="preview">Draws what forms; <c>null</c> for nothing.</param>
    /// <exception cref="SoraException">It cannot be used any more.</exception>
    public VideoPipeline Open(long? memory, BlockTimeline timeline, LatentPreview? preview) => VideoPipeline.Open(_options.Model, _options.Pipeline with
    {
        Memory = Budget(memory) is { } budget ? new MemoryBudget(budget) : null,
        Timeline = timeline,
        Preview = preview,
    });

    public void Dispose() => _planning.Dispose();

    /// <summary>The server's budget is the most that any video may take.</summary>
    private long? Budget(long? asked) => asked is { } bytes && ChosenBudget is { } chosen ? Math.Min(bytes, chosen) : asked ?? ChosenBudget;
}
