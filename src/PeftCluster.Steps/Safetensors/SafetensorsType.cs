namespace PeftCluster.Steps.Safetensors;

/// <summary>
/// Number formats of a safetensors file, in the order in which the reference implementation sorts tensors when it
/// writes (last first). The names are those of the file.
/// </summary>
public enum SafetensorsType
{
    BOOL,
    U8,
    I8,
    F8_E5M2,
    F8_E4M3,
    F8_E8M0,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    C64,
    F64,
    I64,
    U64,
}

/// <summary>Sizes of the formats.</summary>
public static class SafetensorsTypes
{
    /// <summary>Bytes of one number.</summary>
    public static int Size(this SafetensorsType type) => type switch
    {
        <= SafetensorsType.F8_E8M0 => 1,
        <= SafetensorsType.BF16 => 2,
        <= SafetensorsType.F32 => 4,
        _ => 8,
    };
}
