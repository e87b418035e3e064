using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// Activation checkpointing (Chen et al., arXiv 1604.06174): of the lowest layers only the inputs are kept, and the backward pass computes each
/// of them again. Unusual: no function of autograd's own, whose errors would end the process. The graph is cut at each such layer's input,
/// at a stack's entrance and at what its layers share; <see cref="Backward"/> goes from piece to piece, from the top down. Sums of gradients keep the order
/// that one graph has, so the bits are the same with any number of layers. The lowest ones, since the layers above are done, and what they kept is free, by
/// the time that the first is computed again. One per module tree, used on its device's thread; off until a pass begins.
/// </summary>
internal sealed class Recomputation : IDisposable
{
    private readonly List<RecomputedStack> _stacks = [];
    private int _left;
    private bool _isOn;

    /// <summary>From here on, stacks are those of a pass that <see cref="Backward"/> will go through.</summary>
    /// <param name="layers">Layers to compute again, of all stacks together, from the first that has something to train or stands above one.</param>
    public void Begin(int layers)
    {
        Dispose();
        (_left, _isOn) = (layers, layers > 0);
    }

    /// <summary>From here on, stacks run as they are.</summary>
    public void End() => _isOn = false;

    /// <summary>What comes out of a stack's last layer.</summary>
    /// <param name="stack">The layers.</param>
    /// <param name="x_BTD">What goes into the first.</param>
    /// <param name="cancellation">Polled between layers.</param>
    public Tensor Run(LayerStack stack, Tensor x_BTD, CancellationToken cancellation)
    {
        if (!_isOn)
            return stack.Run(x_BTD, cancellation);
        var recomputed = new RecomputedStack(stack, x_BTD);
        _stacks.Add(recomputed);
        return recomputed.Run(ref _left, cancellation);
    }

    /// <summary>Adds the gradients of everything that is trained to their .grad, and frees what the pass kept.</summary>
    /// <param name="last">What the pass gave.</param>
    /// <param name="gradient">Its gradient.</param>
    public void Backward(Tensor last, Tensor gradient)
    {
        try
        {
            last.backward([gradient]);
            for (var stack = _stacks.Count - 1; stack >= 0; stack--)
                _stacks[stack].Backward();
            // At the very end and together: an embedding that two stacks begin with gets one sum.
            Cut.Pass(_stacks.Select(stack => stack.Entrance));
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Frees what a pass has kept that will have no backward pass.</summary>
    public void Dispose()
    {
        foreach (var stack in _stacks)
            stack.Dispose();
        _stacks.Clear();
    }
}

/// <summary>A place where the graph is cut: what came in from below, and the leaf that the graph above begins with.</summary>
internal sealed class Cut : IDisposable
{
    private readonly Tensor _below;

    public Cut(Tensor below)
    {
        using var scope = NewDisposeScope();
        // A handle of its own, since the one that is given dies with its scope.
        _below = below.alias().DetachFromDisposeScope();
        Leaf = below.detach().requires_grad_(below.requires_grad).DetachFromDisposeScope();
    }

    /// <summary>The same numbers, below which there is no graph.</summary>
    public Tensor Leaf { get; }

    /// <summary>Hands the gradients that have come to cuts down, all at once: nodes that several of them reach see one sum.</summary>
    public static void Pass(IEnumerable<Cut> cuts)
    {
        using var scope = NewDisposeScope();
        var reached = cuts.Where(cut => cut._below.requires_grad).Select(cut => (Below: cut._below, Gradient: cut.Leaf.grad)).Where(cut => cut.Gradient is not null).ToList();
        if (reached.Count > 0)
            autograd.backward([.. reached.Select(cut => cut.Below)], [.. reached.Select(cut => cut.Gradient!)]);
    }

    public void Dispose()
    {
        _below.Dispose();
        Leaf.Dispose();
    }
}

/// <summary>One stack in one pass: its inputs' cuts, and of each layer that is computed again its input.</summary>
internal sealed class RecomputedStack : IDisposable
{
    private readonly LayerStack _stack;
    private readonly Cut?[] _shared;
    private readonly Tensor?[] _leaves;
    private readonly List<(int Layer, Tensor Input_BTD)> _again = [];

    // What the layer above those that are computed again begins with.
    private Tensor? _top_BTD;

    public RecomputedStack(LayerStack stack, Tensor x_BTD)
    {
        (_stack, Entrance) = (stack, new Cut(x_BTD));
        _shared = [.. stack.Shared.Select(shared => shared is null ? null : new Cut(shared))];
        _leaves = [.. _shared.Select(shared => shared?.Leaf)];
    }

    /// <summary>What goes into the first layer.</summary>
    public Cut Entrance { get; }

    /// <summary>What comes out of the last layer; of the first <paramref name="left"/> layers that have a graph nothing is kept.</summary>
    public Tensor Run(ref int left, CancellationToken cancellation)
    {
        var x_BTD = Entrance.Leaf;
        for (var layer = 0; layer < _stack.Count; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            var y_BTD = _stack.Layer(layer, x_BTD, _leaves);
            if (left == 0 || !y_BTD.requires_grad)
            {
                x_BTD = y_BTD;
                continue;
            }
            // The graph that was just made goes with its last handle.
            using var scope = NewDisposeScope();
            _top_BTD = y_BTD.detach().requires_grad_().DetachFromDisposeScope();
            y_BTD.Dispose();
            // What is a leaf is this stack's own already; another handle would die with its scope.
            _again.Add((layer, x_BTD.requires_grad ? x_BTD : x_BTD.detach().DetachFromDisposeScope()));
            x_BTD = _top_BTD;
            left--;
        }
        return x_BTD;
    }

    /// <summary>From the gradient above the highest layer that is computed again to those of the entrance and of what comes in besides, the latter handed down.</summary>
    public void Backward()
    {
        for (var index = _again.Count - 1; index >= 0; index--)
        {
            using var scope = NewDisposeScope();
            var (layer, x_BTD) = _again[index];
            using var above_BTD = index + 1 < _again.Count ? _again[index + 1].Input_BTD : _top_BTD!;
            if (above_BTD.grad is { } gradient_BTD)
                _stack.Layer(layer, x_BTD, _leaves).backward([gradient_BTD]);
        }
        Cut.Pass(_shared.OfType<Cut>());
    }

    public void Dispose()
    {
        Entrance.Dispose();
        foreach (var shared in _shared)
            shared?.Dispose();
        foreach (var (_, input_BTD) in _again)
            input_BTD.Dispose();
        _top_BTD?.Dispose();
        _stack.Made?.Dispose();
    }
}
