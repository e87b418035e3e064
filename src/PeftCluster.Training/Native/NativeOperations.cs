using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PeftCluster.Training.Native;

/// <summary>
/// Operations that TorchSharp does not wrap, through libtorch's stable C interface: attention with grouped heads and tensors
/// over foreign memory. A <see cref="Tensor"/>'s handle is that interface's handle. An error's text goes to standard error only.
/// </summary>
internal static unsafe class NativeOperations
{
    // The interface's version that the stack below is laid out for: 2.10.
    private const ulong Version = 0x020A000000000000;

    private static readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> Dispatch =
        (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)NativeLibrary.GetExport(TorchLibrary.Cpu, "torch_call_dispatcher");
    private static readonly delegate* unmanaged<nint, nint*, int> NewHandle =
        (delegate* unmanaged<nint, nint*, int>)NativeLibrary.GetExport(TorchLibrary.Cpu, "aoti_torch_new_tensor_handle");
    private static readonly delegate* unmanaged<nuint, nint*, int> NewList =
        (delegate* unmanaged<nuint, nint*, int>)NativeLibrary.GetExport(TorchLibrary.Cpu, "torch_new_list_reserve_size");
    private static readonly delegate* unmanaged<void*, long, long*, long*, long, int, int, int, nint*, int> FromBlob =
        (delegate* unmanaged<void*, long, long*, long*, long, int, int, int, nint*, int>)NativeLibrary.GetExport(TorchLibrary.Cpu, "aoti_torch_create_tensor_from_blob");

    /// <summary>
    /// softmax(q kᵀ ÷ √N) v with groups of query heads that share a key head, by the flash kernel: memory grows with T, not with its square.
    /// </summary>
    /// <param name="query_BHTN">Queries.</param>
    /// <param name="key_BKSN">Keys; H is a multiple of K.</param>
    /// <param name="value_BKSN">Values.</param>
    /// <param name="causal">Whether a query sees only keys up to its own place (then S = T).</param>
    public static Tensor GroupedAttention(Tensor query_BHTN, Tensor key_BKSN, Tensor value_BKSN, bool causal) =>
        Attention(query_BHTN, key_BKSN, value_BKSN, bias: 0, causal, scale: 0, grouped: true);

    /// <summary>softmax(q kᵀ + bias) v without a scale, by the same kernel.</summary>
    /// <param name="query_BHTN">Queries.</param>
    /// <param name="key_BHSN">Keys.</param>
    /// <param name="value_BHSN">Values.</param>
    /// <param name="bias">Added to the scores, [1 or B, 1 or H, T, S]. Where it is trained libtorch computes step by step, which keeps the scores. Null: nothing is added.</param>
    public static Tensor UnscaledAttention(Tensor query_BHTN, Tensor key_BHSN, Tensor value_BHSN, Tensor? bias) =>
        Attention(query_BHTN, key_BHSN, value_BHSN, bias is null ? 0 : Some(Consumed(bias)), causal: false, Some(BitConverter.DoubleToUInt64Bits(1)), grouped: false);

    /// <summary>
    /// a · b · c as one operation, which keeps the three for its backward pass and no product of two of them.
    /// </summary>
    /// <param name="a_TF">[T, F], T a multiple of <paramref name="parts"/>.</param>
    /// <param name="b_TF">[T, F]</param>
    /// <param name="c_F">[F]</param>
    /// <param name="parts">It is computed in so many parts, so that what lies between two multiplications stays in the cache.</param>
    public static Tensor Product(Tensor a_TF, Tensor b_TF, Tensor c_F, int parts)
    {
        using var scope = NewDisposeScope();
        long[] shape = [a_TF.shape[0] / parts, parts, a_TF.shape[1]];
        var stack = stackalloc ulong[8];
        stack[0] = Consumed(a_TF.view(shape));
        stack[1] = Consumed(b_TF.view(shape));
        // Spread out, so that the way back of the spreading sums its gradient up: the operation's own sum is a product of skinny matrices.
        stack[2] = Consumed(c_F.expand(shape));
        for (var list = 3; list < 7; list++)
            stack[list] = NoNumbers(); // dimensions that are made for one of the three, or summed over
        stack[7] = 1; // unroll_dim: the parts
        fixed (byte* name = "aten::_trilinear\0"u8, overload = "\0"u8)
            Check(Dispatch(name, overload, stack, Version), "_trilinear");
        return Tensor.UnsafeCreateTensor((nint)stack[0]).view(a_TF.shape).MoveToOuterDisposeScope();
    }

    private static Tensor Attention(Tensor query, Tensor key, Tensor value, ulong bias, bool causal, ulong scale, bool grouped)
    {
        var stack = stackalloc ulong[8];
        stack[0] = Consumed(query);
        stack[1] = Consumed(key);
        stack[2] = Consumed(value);
        stack[3] = bias;
        stack[4] = 0; // dropout_p: the bits of 0.0
        stack[5] = causal ? 1UL : 0;
        stack[6] = scale;
        stack[7] = grouped ? 1UL : 0;
        fixed (byte* name = "aten::scaled_dot_product_attention\0"u8, overload = "\0"u8)
            Check(Dispatch(name, overload, stack, Version), "scaled_dot_product_attention");
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }

    /// <summary>A tensor over memory that must stay as long as the tensor and every graph that uses it. Never write through it.</summary>
    public static Tensor Over(void* memory, IReadOnlyList<long> shape, ScalarType type)
    {
        var sizes = stackalloc long[shape.Count + 1];
        var strides = stackalloc long[shape.Count + 1];
        var stride = 1L;
        for (var dimension = shape.Count - 1; dimension >= 0; dimension--)
        {
            (sizes[dimension], strides[dimension]) = (shape[dimension], stride);
            stride *= shape[dimension];
        }
        nint handle;
        Check(FromBlob(memory, shape.Count, sizes, strides, 0, (int)type, 0, -1, &handle), "create_tensor_from_blob");
        return Tensor.UnsafeCreateTensor(handle);
    }

    // The dispatcher takes ownership of the handles on its stack.
    private static ulong Consumed(Tensor tensor)
    {
        nint handle;
        Check(NewHandle(tensor.Handle, &handle), "new_tensor_handle");
        GC.KeepAlive(tensor);
        return (ulong)handle;
    }

    // An optional argument that is there is a slot of the C heap, which the dispatcher frees.
    private static ulong Some(ulong value)
    {
        var slot = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *slot = value;
        return (ulong)slot;
    }

    private static ulong NoNumbers()
    {
        nint list;
        Check(NewList(0, &list), "new_list");
        return (ulong)list;
    }

    private static void Check(int code, string what)
    {
        if (code != 0)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"libtorch: {what} failed with code {code}; the reason is on standard error"));
    }
}
