using System.Globalization;
using System.Runtime.InteropServices;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft.Lora;
using static TorchSharp.torch;

namespace PeftCluster.Training.Combining;

/// <summary>
/// LoRA adapters as one, exactly PEFT's <c>LoraModel.add_weighted_adapter</c>. The new adapter has α = r, so s = 1; with w the weights and s the scales:
/// <code>
/// cat             A = [wᵢ sᵢ Aᵢ] over each other, B = [Bᵢ] side by side: the sum of the changes, exactly
/// linear, …       A of sgn(wᵢ) √(|wᵢ| sᵢ) · Aᵢ and B of √(|wᵢ| sᵢ) · Bᵢ, each by itself: B A has cross terms
/// svd, …_svd      B A = U_r S_r V_rᵀ of wᵢ sᵢ · Δᵢ,  Δᵢ = sᵢ Bᵢ Aᵢ: s counts twice;  with a clamp q: B and A within ± the q-th quantile of both
/// </code>
/// A module that an adapter lacks is combined of the others. Unusual: a plain svd is that of the small core between B's and A's QR, which has
/// the same singular values and needs no matrix of the weight's size.
/// </summary>
internal sealed class LoraCombination
{
    private readonly CombinationSpec _spec;
    private readonly IReadOnlyList<AdapterFolder> _adapters;
    private readonly IReadOnlyList<(int Adapter, LoraPair Pair)[]> _modules;

    /// <exception cref="BadInputException">The adapters cannot be combined so.</exception>
    public LoraCombination(CombinationSpec spec, IReadOnlyList<AdapterFolder> adapters)
    {
        (_spec, _adapters) = (spec, adapters);
        var specs = adapters.Select(adapter => (LoraSpec)adapter.Method).ToArray();
        for (var index = 0; index < adapters.Count; index++)
            RefuseKind(adapters[index], specs[index], specs[0]);
        var pairs = adapters.Select(LoraPair.Of).ToArray();
        for (var index = 0; index < adapters.Count; index++)
            Adapters.RefuseBeside(adapters[index], pairs[index].SelectMany(pair => new[] { pair.A.Name, pair.B.Name }).ToHashSet(StringComparer.Ordinal));
        _modules = [.. pairs.SelectMany((own, adapter) => own.Select(pair => (adapter, pair))).GroupBy(pair => pair.pair.Path).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.ToArray())];
        var rank = RankOf(specs);
        foreach (var module in _modules)
            RefuseShapes(module, rank);
        Method = specs[0] with
        {
            R = rank,
            LoraAlpha = rank,
            // PEFT leaves it as it is, which makes the scale √r instead of 1.
            UseRslora = false,
            RankPattern = null,
            AlphaPattern = null,
            TargetModules = Adapters.Together(adapters, [.. specs.Select(one => one.TargetModules!)]),
        };
        Layout = VectorLayout.Of(_modules.SelectMany(module => Tensors(module[0].Pair)));
    }

    /// <summary>What the new adapter is.</summary>
    public LoraSpec Method { get; }

    /// <summary>Its tensors.</summary>
    public VectorLayout Layout { get; }

    /// <summary>The paths of its modules, in order.</summary>
    public IReadOnlyList<string> Modules => [.. _modules.Select(module => module[0].Pair.Path)];

    /// <summary>Its numbers, Layout.Length floats. Call it on a device's thread.</summary>
    /// <param name="masks">What random pruning keeps.</param>
    /// <param name="cancellation">Polled between modules.</param>
    /// <exception cref="BadInputException">A number of a file is not finite.</exception>
    public float[] Compute(KeptMask masks, CancellationToken cancellation)
    {
        var vector = new float[Layout.Length];
        foreach (var module in _modules)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (a, b) = Clamped(Combine(module, masks), module[0].Pair.Path);
            Fill(vector, module[0].Pair.A.Name, a, rows: true);
            Fill(vector, module[0].Pair.B.Name, b, rows: false);
        }
        return vector;
    }

    private (Tensor A, Tensor B) Combine((int Adapter, LoraPair Pair)[] module, KeptMask masks)
    {
        var path = module[0].Pair.Path;
        double[] weights = [.. module.Select(one => _spec.Weights[one.Adapter] * one.Pair.Scale)];
        Tensor[] a = [.. module.Select(one => Read(one.Adapter, one.Pair.A))], b = [.. module.Select(one => Read(one.Adapter, one.Pair.B))];
        if (_spec.Type == CombinationType.Cat)
            return (cat([.. a.Select((one, index) => one.Times((float)weights[index]))], 0), cat(b, 1));
        var arithmetic = new TaskArithmetic(_spec);
        if (!_spec.Type.OfProduct)
            return (Each(a, ofB: false, weight => Math.Sqrt(Math.Abs(weight)) * (weight >= 0 ? 1 : -1)), Each(b, ofB: true, weight => Math.Sqrt(Math.Abs(weight))));
        if (_spec.Type.Pruning == Pruning.None)
            return FactorsOf(cat([.. b.Select((one, index) => one.Times((float)(weights[index] * module[index].Pair.Scale)))], 1), cat(a, 0));
        Tensor[] changes = [.. module.Select((one, index) => b[index].mm(a[index]).Times_(one.Pair.Scale))];
        var (left, values, right) = linalg.svd(arithmetic.Merge(changes, weights, index => masks(changes[index].shape, path, ofB: false, module[index].Adapter)), fullMatrices: false);
        return (right.narrow(0, 0, Method.R), left.narrow(1, 0, Method.R) * values.narrow(0, 0, Method.R));

        Tensor Each(Tensor[] factors, bool ofB, Func<double, double> weightOf) =>
            arithmetic.Merge(factors, [.. weights.Select(weightOf)], index => masks(factors[index].shape, path, ofB, module[index].Adapter));
    }

    /// <summary>B' A' of rank r nearest to left · right, as A' = V_rᵀ and B' = U_r S_r; fewer where the product has no more directions.</summary>
    /// <param name="left">[out, R]</param>
    /// <param name="right">[R, in]</param>
    private (Tensor A, Tensor B) FactorsOf(Tensor left, Tensor right)
    {
        var (leftBasis, leftCore) = linalg.qr(left);
        var (rightBasis, rightCore) = linalg.qr(right.t());
        var (u, values, vt) = linalg.svd(leftCore.mm(rightCore.t()), fullMatrices: false);
        var rank = Math.Min(Method.R, values.shape[0]);
        return (vt.narrow(0, 0, rank).mm(rightBasis.t()), leftBasis.mm(u.narrow(1, 0, rank) * values.narrow(0, 0, rank)));
    }

    // Which way a direction of an SVD points is nobody's choice, and the quantile is that of signed numbers: so it is not PEFT's to the last digit.
    private (Tensor A, Tensor B) Clamped((Tensor A, Tensor B) factors, string path)
    {
        if (_spec.Clamp is not { } share)
            return factors;
        var (sorted, _) = cat([factors.B.reshape(-1), factors.A.reshape(-1)]).sort();
        var place = share * (sorted.shape[0] - 1);
        var (below, above) = (sorted[(long)place].item<float>(), sorted[(long)Math.Ceiling(place)].item<float>());
        var bound = below + (place - Math.Floor(place)) * (above - below);
        if (bound <= 0)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"--clamp: {share} is too small: so many of the numbers of {path} are not above 0, and no bound is left. Give one nearer to 1."));
        return (factors.A.Clamp(-bound, bound), factors.B.Clamp(-bound, bound));
    }

    private Tensor Read(int adapter, SafetensorsEntry entry) => LoraPair.Matrix(entry, _adapters[adapter].Weights.FiniteNumbersOf(entry));

    // Rows of A and columns of B that were not computed stay zero.
    private void Fill(float[] vector, string key, Tensor values, bool rows)
    {
        var whole = zeros([.. Layout[key].Shape]);
        whole.narrow(rows ? 0 : 1, 0, values.shape[rows ? 0 : 1]).copy_(values);
        MemoryMarshal.Cast<byte, float>(whole.bytes).CopyTo(Layout.Of(vector, key));
    }

    private IEnumerable<(string Key, IReadOnlyList<long> Shape, ParameterGroup Group)> Tensors(LoraPair pair) =>
        [(pair.A.Name, [Method.R, pair.In], new ParameterGroup()), (pair.B.Name, [pair.Out, Method.R], new ParameterGroup())];

    // PEFT's rule: the largest that a configuration names.
    private int RankOf(LoraSpec[] specs)
    {
        int[] ranks = [.. specs.Select(spec => Math.Max(spec.R, spec.RankPattern?.Max(pair => pair.Value) ?? 0))];
        if (_spec.Type == CombinationType.Cat)
            return ranks.Sum();
        if (_spec.Type.OfProduct)
            return _spec.Rank ?? ranks.Max();
        return ranks.Distinct().Count() == 1 ? ranks[0] : throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
            $"--method: {_spec.Type.Name} needs adapters of one rank; these have {string.Join(", ", ranks)}. Take cat, svd or another one with _svd."));
    }

    private void RefuseShapes((int Adapter, LoraPair Pair)[] module, int rank)
    {
        var first = module[0];
        foreach (var (adapter, pair) in module)
        {
            if ((pair.In, pair.Out) != (first.Pair.In, first.Pair.Out))
                throw new BadInputException($"{_adapters[adapter].Weights.Path}: \"{pair.Path}\" has {pair.In} inputs and {pair.Out} outputs, but {first.Pair.In} and {first.Pair.Out} in {_adapters[first.Adapter].Weights.Path}. Combine adapters of one base model.");
            if (_spec.Type is { OfProduct: false } && _spec.Type != CombinationType.Cat && pair.Rank != first.Pair.Rank)
                throw new BadInputException($"{_adapters[adapter].Weights.Path}: \"{pair.Path}\" has rank {pair.Rank}, but {first.Pair.Rank} in {_adapters[first.Adapter].Weights.Path}. Take cat, svd or another one with _svd.");
        }
        if (_spec.Type.OfProduct && rank > Math.Min(first.Pair.In, first.Pair.Out))
            throw new BadInputException($"--rank: {rank} is above what an SVD finds in {first.Pair.Path}, {Math.Min(first.Pair.In, first.Pair.Out)}. Give a smaller one.");
    }

    private static void RefuseKind(AdapterFolder adapter, LoraSpec spec, LoraSpec first)
    {
        var path = adapter.Config.Path;
        if (spec.UseDora)
            throw new BadInputException($"{path}: use_dora: lengths of weights (DoRA) belong to one base and one adapter and cannot be combined. Fold the adapter into its base with peft merge.");
        if (spec.StartsFromBase)
            throw new BadInputException($"{path}: init_lora_weights: \"{spec.InitLoraWeights}\": the adapter belongs to a changed base. Convert it to a plain LoRA adapter first, as an export of PeftCluster is.");
        if (!Equals(spec.ExcludeModules, first.ExcludeModules) || !Equals(spec.LayersToTransform, first.LayersToTransform) || !Equals(spec.LayersPattern, first.LayersPattern))
            throw new BadInputException($"{path}: exclude_modules, layers_to_transform or layers_pattern differ from the first adapter's, and one configuration cannot say both. Name whole paths in target_modules instead.");
    }
}
