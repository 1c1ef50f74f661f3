using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>A matrix product with a bias.</summary>
/// <param name="Rows">Rows of input and output.</param>
/// <param name="Depth">Input features.</param>
/// <param name="Columns">Output features.</param>
internal sealed record MatMulWork(int Rows, int Depth, int Columns) : IBenchmarkWork
{
    /// <summary>The linear layers of STDiT3-XL/2: MLP in and out, queries with keys and values, projections.</summary>
    public static IReadOnlyList<MatMulWork> OfSTDiT3 { get; } = [new(5124, 1152, 4608), new(5124, 4608, 1152), new(5124, 1152, 3456), new(5124, 1152, 1152)];

    /// <inheritdoc/>
    public string Name => $"matmul {Rows}x{Depth}x{Columns}";

    /// <inheritdoc/>
    public double Operations => 2.0 * Rows * Depth * Columns;

    /// <inheritdoc/>
    public double Weights => (double)Depth * Columns;

    /// <inheritdoc/>
    public IPreparedWork Prepare(ComputeEngine engine, ProductPrecision precision) => new Product(engine, this, precision);

    private sealed class Product(ComputeEngine engine, MatMulWork work, ProductPrecision precision) : IPreparedWork
    {
        private readonly Tensor _input = RandomTensors.Normal(engine, 1, work.Rows, work.Depth);
        private readonly Tensor _bias = RandomTensors.Normal(engine, 1, work.Columns);
        private readonly Tensor _output = engine.Allocate(work.Rows, work.Columns);
        private readonly PackedMatrix _weights = RandomTensors.Matrix(engine, precision, work.Columns, work.Depth);

        /// <summary>With bytes, the input's quantisation is part of it.</summary>
        public void Run()
        {
            var epilogue = new Epilogue { Bias = _bias };
            if (precision == ProductPrecision.Int8) MatMul.RunQuantised(engine, _input, _weights, _output, epilogue);
            else MatMul.Run(engine, _input, _weights, _output, epilogue);
        }

        public void Dispose()
        {
            _input.Dispose();
            _bias.Dispose();
            _output.Dispose();
            _weights.Dispose();
        }
    }
}
