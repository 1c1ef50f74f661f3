namespace OnDeviceSora.Tensors.Tests;

public class TensorTests
{
    [Fact]
    public void Views_share_the_elements()
    {
        using var engine = new ComputeEngine();
        using var tensor = engine.From([0, 1, 2, 3, 4, 5], 3, 2);
        Assert.Equal([2, 3, 4, 5], tensor.Slice(1, 2).Span.ToArray());
        tensor.Reshape(6).Slice(4, 1).Span[0] = 9;
        Assert.Equal(9, tensor.Span[4]);
        Assert.Equal([4], tensor.Reshape(2, 3).Slice(1, 1).Reshape(3).Slice(1, 1).Span.ToArray().Select(v => v - 5));
        tensor.Slice(0, 1).Dispose();
        Assert.Equal(1, tensor.Span[1]);
    }

    [Fact]
    public void Nothing_is_used_after_disposal()
    {
        using var engine = new ComputeEngine();
        var tensor = engine.Allocate(3, 2);
        var view = tensor.Slice(1, 2);
        tensor.Dispose();
        tensor.Dispose();
        foreach (var use in (Tensor[])[tensor, view, view.Reshape(4)])
        {
            Assert.Throws<ObjectDisposedException>(() => use.Span.Length);
            Assert.Throws<ObjectDisposedException>(() => Softmax.Run(engine, use));
        }
        Assert.Equal(0, engine.Memory.CurrentBytes);
    }

    [Fact]
    public void Slices_and_shapes_stay_inside()
    {
        using var engine = new ComputeEngine();
        using var tensor = engine.AllocateZeroed(3, 2);
        foreach (var (start, count) in ((int, int)[])[(-1, 1), (0, 4), (3, 1), (4, 0), (0, -1), (1, int.MaxValue), (int.MaxValue, 1)])
        {
            Assert.ThrowsAny<ArgumentException>(() => tensor.Slice(start, count));
        }
        Assert.Equal(0, tensor.Slice(3, 0).Length);
        Assert.Contains("6 elements", Assert.Throws<ArgumentException>(() => tensor.Reshape(7)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => tensor.Reshape(-6));
        Assert.ThrowsAny<ArgumentException>(() => tensor.Shape[2]);
        Assert.ThrowsAny<ArgumentException>(() => tensor.Shape[-3]);
        Assert.ThrowsAny<ArgumentException>(() => tensor.Reshape(6).Slice(0, 1).Reshape().Slice(0, 0));
        Assert.Throws<OverflowException>(() => new Shape(int.MaxValue, int.MaxValue, int.MaxValue));
    }

    [Fact]
    public void Copies_must_fit()
    {
        using var engine = new ComputeEngine();
        using var six = engine.AllocateZeroed(6);
        using var five = engine.AllocateZeroed(5);
        Assert.Throws<ArgumentException>(() => six.CopyFrom(five));
        Assert.Throws<ArgumentException>(() => engine.From([1, 2, 3], 4));
        Assert.Throws<ArgumentException>(() => engine.From([1, 2, 3], 2));
        Assert.Equal(44, engine.Memory.CurrentBytes);
    }
}
