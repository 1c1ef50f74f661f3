using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

[Trait("Category", "Operations")]
public class ElementwiseTests
{
    /// <summary>Tasks take 32768 elements each.</summary>
    private static readonly int[] Lengths = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 1000, 32767, 32768, 32769, 100_003];

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Arithmetic_is_that_of_single_floats(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var length in Lengths)
        {
            var (a, b) = (Numbers.Of(length, 1), Numbers.Of(length, 2));
            Check(engine, a, b, (t, s) => Elementwise.Add(engine, t, s), (x, y) => x + y);
            Check(engine, a, b, (t, s) => Elementwise.Multiply(engine, t, s), (x, y) => x * y);
            Check(engine, a, b, (t, s) => Elementwise.AddScaled(engine, t, s, 0.3f), (x, y) => x + (float)(y * 0.3f));
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void The_target_may_be_the_source(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        using var x = engine.From([1, 2, 3, 4, 5, 6, 7, 8, 9], 9);
        Elementwise.Add(engine, x, x);
        Elementwise.Multiply(engine, x, x);
        Assert.Equal([4, 16, 36, 64, 100, 144, 196, 256, 324], x.Span.ToArray());
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Activations_agree_with_the_reference(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var length in Lengths)
        {
            var values = Numbers.Of(length, 1, -9, 9);
            using var silu = engine.From(values, length);
            using var gelu = engine.From(values, length);
            Elementwise.Silu(engine, silu);
            Elementwise.GeluTanh(engine, gelu);
            Expect(values, ScalarFunctions.Silu).Check(silu.Span, $"SiLU of {length}");
            Expect(values, ScalarFunctions.GeluTanh).Check(gelu.Span, $"GELU of {length}");
        }
    }

    /// <summary>A tail must give the bits that the same value gives inside a full vector.</summary>
    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void A_value_has_the_same_activation_wherever_it_lies(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        var values = Numbers.Of(64, 1, -9, 9);
        using var whole = engine.From(values, 64);
        Elementwise.GeluTanh(engine, whole);
        for (var i = 0; i < values.Length; i++)
        {
            using var single = engine.From(values.AsSpan(i, 1), 1);
            Elementwise.GeluTanh(engine, single);
            Assert.Equal(whole.Span[i], single.Span[0]);
        }
    }

    private static Expectation Expect(float[] values, Func<double, double> function)
    {
        var expected = new Expectation(values.Length);
        for (var i = 0; i < values.Length; i++) expected.Set(i, function(values[i]), 8 * Expectation.Rounding * Math.Abs(values[i]));
        return expected;
    }

    private static void Check(ComputeEngine engine, float[] a, float[] b, Action<Tensor, Tensor> operation, Func<float, float, float> reference)
    {
        using var target = engine.From(a, a.Length);
        using var source = engine.From(b, b.Length);
        operation(target, source);
        for (var i = 0; i < a.Length; i++) Assert.Equal(reference(a[i], b[i]), target.Span[i]);
        Assert.Equal(b, source.Span.ToArray());
    }
}
