using static TorchSharp.torch;

namespace PeftCluster.Training.Models.T5;

/// <summary>Encoder or decoder: layers, the norm after the last, and the one table of places that all of them use, which lies in the first.</summary>
internal sealed class T5Stack
{
    public T5Stack(T5Config config, string name, WeightLookup weights, Func<string, ILinear> linear, BlockWrapper block, ScalarType flowing)
    {
        Bias = new RelativeBias(weights(T5Config.BiasOf(name)), bothWays: name == T5Config.Encoder, config.FarthestPlace, flowing);
        Layers = [.. Enumerable.Range(0, config.LayersOf(name)).Select(layer => new T5Layer(config, name, layer, weights, linear, block))];
        Norm = new RmsNorm(weights(T5Config.LastNormOf(name)), config.NormEpsilon);
    }

    public RelativeBias Bias { get; }

    public IReadOnlyList<T5Layer> Layers { get; }

    public RmsNorm Norm { get; }
}
