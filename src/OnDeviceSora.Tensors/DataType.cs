namespace OnDeviceSora.Tensors;

/// <summary>How weights are stored. Products are computed in 32-bit floats whatever the storage.</summary>
public enum DataType
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>bfloat16: the upper half of a binary32.</summary>
    BF16,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>Signed 8-bit integers, with one 32-bit scale for each output feature; a weight is the integer times its scale.</summary>
    I8,
}
