namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// The patches of a convolution as rows of a product (implicit GEMM): row r is the neighbourhood of output position r, tap
/// by tap, each tap all channels of one input position. No patch matrix is ever stored.
/// </summary>
internal readonly unsafe struct PatchRows(
    float* input, float* zeros, int channels, (int Frames, int Height, int Width) size, (int Height, int Width) outputSize,
    ConvolutionGeometry geometry) : IRowPacker
{
    public void Pack(int row, int rows, int depthStart, int depth, int tileRows, float* panel)
    {
        var pointers = stackalloc float*[rows];
        for (int k = depthStart, count; k < depthStart + depth; k += count, panel += (nint)count * tileRows)
        {
            var (tap, channel) = Math.DivRem(k, channels);
            count = Math.Min(channels - channel, depthStart + depth - k);
            var (line, x) = Math.DivRem(tap, geometry.Width.Kernel);
            var (t, y) = Math.DivRem(line, geometry.Height.Kernel);
            for (var r = 0; r < rows; r++) pointers[r] = Position(row + r, t, y, x) + channel;
            PanelTranspose.Run(pointers, rows, count, panel, tileRows);
        }
    }

    /// <summary>The input position that a tap of an output position reads, or the zeros where that is padding.</summary>
    private float* Position(int row, int tapTime, int tapY, int tapX)
    {
        var (line, column) = Math.DivRem(row, outputSize.Width);
        var (frame, y) = Math.DivRem(line, outputSize.Height);
        var inputFrame = frame * geometry.Time.Stride + tapTime - geometry.Time.PadBefore;
        var inputY = y * geometry.Height.Stride + tapY - geometry.Height.PadBefore;
        var inputX = column * geometry.Width.Stride + tapX - geometry.Width.PadBefore;
        var inside = (uint)inputFrame < (uint)size.Frames && (uint)inputY < (uint)size.Height && (uint)inputX < (uint)size.Width;
        return inside ? input + (((long)inputFrame * size.Height + inputY) * size.Width + inputX) * channels : zeros;
    }
}
