using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// The timestep's part of every modulation, one row of <c>C</c>-wide parts for each group of tokens: a group is a batch item
/// or, when some frames are clean (<c>x_mask</c>), one frame, which then takes the row of t or of timestep 0.
/// </summary>
internal sealed class StepModulation : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly Tensor _rows;

    private StepModulation(ComputeEngine engine, Tensor rows, int rowsPerGroup)
    {
        _engine = engine;
        _rows = rows;
        RowsPerGroup = rowsPerGroup;
    }

    /// <summary>Consecutive tokens that share one group.</summary>
    public int RowsPerGroup { get; }

    /// <summary>Lays out the rows.</summary>
    /// <param name="engine">Whose memory holds them.</param>
    /// <param name="noisy">Modulation at t, <c>[batch, parts * C]</c>; without a mask it is not copied, and must stay as long as this object.</param>
    /// <param name="clean">Modulation at timestep 0, of the same shape; needed with a mask.</param>
    /// <param name="mask">Which frames are being denoised, or <c>null</c> for all.</param>
    /// <param name="frames">Latent frames.</param>
    /// <param name="patches">Tokens of a frame.</param>
    public static StepModulation Create(ComputeEngine engine, Tensor noisy, Tensor? clean, ActiveFrames? mask, int frames, int patches)
    {
        if (mask is null) return new StepModulation(engine, noisy.Slice(0, noisy.Shape[0]), frames * patches);
        var (batch, length) = (noisy.Shape[0], noisy.Shape[1]);
        var rows = engine.Allocate(batch * frames, length);
        for (var item = 0; item < batch; item++)
        {
            for (var frame = 0; frame < frames; frame++)
            {
                var source = mask.IsActive(item, frame) ? noisy : clean!;
                source.Slice(item, 1).Span.CopyTo(rows.Slice(item * frames + frame, 1).Span);
            }
        }
        return new StepModulation(engine, rows, patches);
    }

    /// <summary>Adds a block's own table to every row.</summary>
    /// <param name="table">Table <c>[6, C]</c>.</param>
    public BlockModulation For(Tensor table)
    {
        var (groups, width) = (_rows.Shape[0], table.Shape[1]);
        var parts = _engine.Allocate(table.Shape[0], groups, width);
        var sums = parts.Span;
        var learned = table.Span;
        var steps = _rows.Span;
        for (var part = 0; part < table.Shape[0]; part++)
        {
            for (var group = 0; group < groups; group++)
            {
                var (sum, step) = ((part * groups + group) * width, (group * table.Shape[0] + part) * width);
                for (var c = 0; c < width; c++) sums[sum + c] = learned[part * width + c] + steps[step + c];
            }
        }
        return new BlockModulation(parts, RowsPerGroup);
    }

    public void Dispose() => _rows.Dispose();
}
