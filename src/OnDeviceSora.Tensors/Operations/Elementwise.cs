using System.Numerics;
using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>Operations on each element. Operands have the same length; the target may be any of them.</summary>
public static unsafe class Elementwise
{
    /// <summary><c>target += source</c>.</summary>
    public static void Add(ComputeEngine engine, Tensor target, Tensor source) => Apply<Sum>(engine, target, source, 1);

    /// <summary><c>target += factor * source</c>.</summary>
    public static void AddScaled(ComputeEngine engine, Tensor target, Tensor source, float factor) => Apply<ScaledSum>(engine, target, source, factor);

    /// <summary><c>target *= source</c>.</summary>
    public static void Multiply(ComputeEngine engine, Tensor target, Tensor source) => Apply<Product>(engine, target, source, 1);

    /// <summary><c>target = SiLU(target)</c>.</summary>
    public static void Silu(ComputeEngine engine, Tensor target) => Apply<SiluFunction>(engine, target, target, 1);

    /// <summary><c>target = GELU(target)</c> in its tanh form.</summary>
    public static void GeluTanh(ComputeEngine engine, Tensor target) => Apply<GeluFunction>(engine, target, target, 1);

    private static void Apply<TOperation>(ComputeEngine engine, Tensor target, Tensor source, float factor)
        where TOperation : struct, IOperation
    {
        if (source.Length != target.Length) throw new ArgumentException($"{source.Shape} does not fit {target.Shape}.", nameof(source));
        RowBlocks.For(engine, target.Length, 1, (first, end) =>
        {
            float* t = target.Pointer, s = source.Pointer;
            var factors = new Vector<float>(factor);
            var i = first;
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                TOperation.Apply(Vector.Load(t + i), Vector.Load(s + i), factors).Store(t + i);
            }
            for (; i < end; i++) t[i] = TOperation.Apply(new Vector<float>(t[i]), new Vector<float>(s[i]), factors)[0];
        });
    }

    private interface IOperation
    {
        static abstract Vector<float> Apply(Vector<float> target, Vector<float> source, Vector<float> factor);
    }

    private readonly struct Sum : IOperation
    {
        public static Vector<float> Apply(Vector<float> target, Vector<float> source, Vector<float> factor) => target + source;
    }

    private readonly struct ScaledSum : IOperation
    {
        // Multiplied, then added: the rounding of the reference's Euler step.
        public static Vector<float> Apply(Vector<float> target, Vector<float> source, Vector<float> factor) => target + source * factor;
    }

    private readonly struct Product : IOperation
    {
        public static Vector<float> Apply(Vector<float> target, Vector<float> source, Vector<float> factor) => target * source;
    }

    private readonly struct SiluFunction : IOperation
    {
        public static Vector<float> Apply(Vector<float> target, Vector<float> source, Vector<float> factor) => VectorMath.Silu(target);
    }

    private readonly struct GeluFunction : IOperation
    {
        public static Vector<float> Apply(Vector<float> target, Vector<float> source, Vector<float> factor) => VectorMath.GeluTanh(target);
    }
}
