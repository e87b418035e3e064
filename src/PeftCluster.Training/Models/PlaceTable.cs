using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Steps.Plan;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// How a decoder's tokens learn their places: heads that turn, or a learnt vector for each place that is added to the embedding. A learnt
/// table ends with the context; padding behind it takes the last vector, which nobody looks at. L places, D hidden size.
/// </summary>
internal sealed class PlaceTable
{
    private readonly RotaryTable? _rotary;
    private readonly Tensor? _learnt_LD;

    public PlaceTable(DecoderConfig config, WeightLookup weights, Device device)
    {
        _rotary = config.Rope is { } rope ? new RotaryTable(rope, device) : null;
        _learnt_LD = config.Names.Places is { } name ? weights($"{name}.weight") : null;
    }

    /// <summary>Places first … first + count − 1 of rows.</summary>
    /// <param name="first">The first place.</param>
    /// <param name="count">T</param>
    /// <param name="lengths">Places of each row, those before the first included.</param>
    /// <exception cref="BadInputException">A row that is longer than what was learnt.</exception>
    public Places From(long first, long count, IReadOnlyList<long> lengths)
    {
        Check(lengths.Max());
        return new Places(_rotary?.From(first, count, lengths), Learnt(() => Arithmetic.Range(first, first + count, _learnt_LD!.device)));
    }

    /// <summary>Places of packed sequences, each from <paramref name="before"/> on. Padding behind the last has place 0.</summary>
    /// <param name="packing">Where each sequence stands.</param>
    /// <param name="before">Places before each sequence's first token.</param>
    /// <param name="shape">B and T.</param>
    /// <exception cref="BadInputException">A sequence that is longer than what was learnt.</exception>
    public Places Packed(IReadOnlyList<PackedPlace> packing, long before, (long Rows, long Length) shape)
    {
        Check(before + packing.Max(place => place.Length));
        return new Places(_rotary?.Packed(packing, before, shape), Learnt(() => Numbers(packing, before, shape))?.view(shape.Rows, shape.Length, -1));
    }

    /// <summary>Places from one of each row's own on.</summary>
    /// <param name="firsts">Each row's first place.</param>
    /// <param name="count">T</param>
    /// <param name="lengths">Places of each row, those before the first included; what goes beyond is padding.</param>
    /// <exception cref="BadInputException">A row that is longer than what was learnt.</exception>
    public Places At(IReadOnlyList<long> firsts, long count, IReadOnlyList<long> lengths)
    {
        Check(lengths.Max());
        var learnt = Learnt(() => tensor(firsts.SelectMany(first => Enumerable.Range(0, (int)count).Select(place => first + place)).ToArray(), device: _learnt_LD!.device));
        return new Places(_rotary?.At(firsts, count, lengths), learnt?.view(firsts.Count, count, -1));
    }

    private Tensor Numbers(IReadOnlyList<PackedPlace> packing, long before, (long Rows, long Length) shape)
    {
        var numbers = new long[shape.Rows * shape.Length];
        foreach (var (row, start, length) in packing)
        {
            for (var place = 0; place < length; place++)
                numbers[row * shape.Length + start + place] = before + place;
        }
        return tensor(numbers, device: _learnt_LD!.device);
    }

    private void Check(long length)
    {
        if (length > _learnt_LD?.shape[0])
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"model: it has learnt {_learnt_LD.shape[0]} places, and a row of {length} tokens does not fit. Shorten the prompt, or ask for fewer tokens."));
    }

    private Tensor? Learnt(Func<Tensor> places) => _learnt_LD?.index_select(0, places().ClampMax(_learnt_LD.shape[0] - 1));
}

/// <summary>The places of a call's tokens.</summary>
/// <param name="Rotary">How heads turn; null: they do not.</param>
/// <param name="Added">What is added to embeddings, [T, D] or [B, T, D]; null: nothing.</param>
internal sealed record Places(Rotary? Rotary, Tensor? Added)
{
    /// <summary>Embeddings that know their places as far as those are added.</summary>
    public Tensor AddTo(Tensor x_BTD) => Added is null ? x_BTD : x_BTD.Plus(Added.to(x_BTD.dtype));
}
