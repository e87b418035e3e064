using PeftCluster.Jobs;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Merging;

/// <summary>The weights of a model folder, each read when it is asked for and kept by nobody: the folder may be larger than the memory.</summary>
internal sealed class SingleWeights(WeightFiles files, ModelConfig config)
{
    /// <summary>A weight in float32, in the current dispose scope.</summary>
    /// <param name="name">Its Hugging Face name.</param>
    /// <exception cref="BadInputException">The files lack it, or have it in another shape or in no float format.</exception>
    public Tensor Read(string name)
    {
        var (file, offset, entry) = files.Find(name, config.Weights[name]);
        using var stored = empty([.. entry.Shape], Formats.Of(entry.Type) ?? throw new BadInputException($"{file}: \"{entry.Name}\" is {entry.Type}; weights must be F32, BF16 or F16."));
        foreach (var part in WeightStore.Parts(stored))
            offset = WeightStore.Fill(part.bytes, file, offset);
        return stored.to(ScalarType.Float32, copy: true);
    }
}
