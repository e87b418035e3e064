namespace PeftCluster.Training.Costs;

/// <summary>
/// Floating-point operations of one example, as T-Few's paper compares methods (Liu et al. 2022, arXiv:2205.05638, section 4.2): forward 2 · weights · tokens,
/// a multiply and an add, after Kaplan et al. 2020 (arXiv:2001.08361, section 2.1); a training step three times as many. With N / 2 weights in encoder
/// and decoder each that is the paper's N and 3 N for a token of an encoder-decoder, and its 2 N for one of a decoder. Unusual: 3 is what training every
/// weight takes; over a frozen base the gradients of its weights fall away and it is 2, which is what <see cref="Bench.StepFlops"/> counts.
/// </summary>
public static class ExampleFlops
{
    private const double Forward = 2;
    private const double Training = 3 * Forward;

    /// <summary>One answer: input and targets are read once, the choices share the input.</summary>
    /// <param name="parts">The model.</param>
    /// <param name="tokens">The example.</param>
    /// <param name="shotsAreCached">Whether keys and values of the shots lie ready, so that they cost <see cref="OfShots"/> once and nothing here.</param>
    /// <exception cref="ArgumentException">Shots of an encoder are to be cached.</exception>
    public static double OfInference(ModelParts parts, ExampleTokens tokens, bool shotsAreCached = false)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (shotsAreCached)
            RefuseEncoder(parts);
        return Of(parts, shotsAreCached ? tokens with { Shots = 0 } : tokens, Forward, Forward);
    }

    /// <summary>What shots cost once, where all examples share their keys and values.</summary>
    /// <exception cref="ArgumentException">The model has an encoder.</exception>
    public static double OfShots(ModelParts parts, ExampleTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        RefuseEncoder(parts);
        return Of(parts, new ExampleTokens(0, 0, tokens.Shots), Forward, Forward);
    }

    /// <summary>One example in a training step; a run takes steps · batch of them.</summary>
    /// <param name="parts">The model.</param>
    /// <param name="tokens">The example.</param>
    /// <param name="reachesEncoder">Whether gradients flow into the encoder (<see cref="GradientReach"/>); else it computes forward only.</param>
    public static double OfTraining(ModelParts parts, ExampleTokens tokens, bool reachesEncoder = true) => Of(parts, tokens, reachesEncoder ? Training : Forward, Training);

    private static double Of(ModelParts parts, ExampleTokens tokens, double ofEncoder, double ofDecoder)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(tokens);
        var source = tokens.Shots + tokens.Source;
        return parts.HasEncoder
            ? ofEncoder * parts.Encoder * source + ofDecoder * (parts.OfSource * source + (parts.Decoder + parts.Head) * tokens.Target)
            : ofDecoder * (parts.Decoder * (source + tokens.Target) + parts.Head * tokens.Target);
    }

    // An encoder sees shots and input together, both ways: the shots' states are others for each input.
    private static void RefuseEncoder(ModelParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.HasEncoder)
            throw new ArgumentException("an encoder reads shots together with each input, so nothing of them can be kept", nameof(parts));
    }
}
