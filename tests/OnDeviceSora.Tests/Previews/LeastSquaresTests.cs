using OnDeviceSora.Previews;

namespace OnDeviceSora.Tests.Previews;

public sealed class LeastSquaresTests
{
    private const int Terms = 6, Outputs = 3;

    [Fact]
    public void The_weights_behind_exact_samples_are_found()
    {
        var (random, truth) = (new Random(1), new float[Outputs * Terms]);
        for (var i = 0; i < truth.Length; i++) truth[i] = random.NextSingle() - 0.5f;
        var fit = Sampled(truth, 2000, random);
        var found = fit.Solve();
        for (var i = 0; i < truth.Length; i++) Assert.Equal(truth[i], found[i], 0.02f);
    }

    [Fact]
    public void Sums_that_were_kept_go_on_as_if_nothing_had_happened()
    {
        var fit = Sampled(new float[Outputs * Terms], 50, new Random(2));
        var again = LeastSquares.From(Terms, Outputs, fit.Sums)!;
        foreach (var one in (LeastSquares[])[fit, again]) one.Add([1, 2, 3, 4, 5, 6], [1, 0, -1], 3);
        Assert.Equal(fit.Solve(), again.Solve());
    }

    [Fact]
    public void Sums_of_something_else_are_refused()
    {
        var sums = Sampled(new float[Outputs * Terms], 50, new Random(3)).Sums;
        Assert.Null(LeastSquares.From(Terms + 1, Outputs, sums));
        Assert.Null(LeastSquares.From(Terms, Outputs, new double[sums.Length]));
        sums[2] = double.NaN;
        Assert.Null(LeastSquares.From(Terms, Outputs, sums));
    }

    [Fact]
    public void A_heavier_sample_wins()
    {
        var fit = new LeastSquares(1, 1);
        fit.Add([1], [0], 1);
        fit.Add([1], [1], 9);
        Assert.Equal(0.9f, fit.Solve()[0], 0.01f);
    }

    private static LeastSquares Sampled(float[] truth, int samples, Random random)
    {
        var fit = new LeastSquares(Terms, Outputs);
        var (input, output) = (new float[Terms], new float[Outputs]);
        for (var sample = 0; sample < samples; sample++)
        {
            for (var i = 0; i < Terms; i++) input[i] = 2 * random.NextSingle() - 1;
            for (var o = 0; o < Outputs; o++) output[o] = Enumerable.Range(0, Terms).Sum(i => truth[o * Terms + i] * input[i]);
            fit.Add(input, output, 1);
        }
        return fit;
    }
}
