namespace OnDeviceSora.Tensors.Tests.Reference;

/// <summary>The activation functions in double precision, as their definitions say.</summary>
internal static class ScalarFunctions
{
    public static double Silu(double x) => x / (1 + Math.Exp(-x));

    /// <summary>0.5 x (1 + tanh u), as x times the logistic function of 2u, which does not cancel for negative x.</summary>
    public static double GeluTanh(double x) => x / (1 + Math.Exp(-2 * Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    public static double Apply(Activation activation, double x) => activation switch
    {
        Activation.GeluTanh => GeluTanh(x),
        Activation.Silu => Silu(x),
        _ => x,
    };
}
