namespace OnDeviceSora.Tensors;

/// <summary>A function applied to every result of a product.</summary>
public enum Activation
{
    /// <summary>The value itself.</summary>
    None,

    /// <summary>GELU in its tanh form.</summary>
    GeluTanh,

    /// <summary>SiLU: x times the logistic function of x.</summary>
    Silu,
}
