using PeftCluster.Examples.Make.Pretraining;
using PeftCluster.Training.Native;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace PeftCluster.Quickstart;

/// <summary>The pre-training's optimizer has the bits of TorchSharp's, so that the bases come out as they did. Uses libtorch.</summary>
public sealed class AdamWTests
{
    private const double Beta1 = 0.9, Beta2 = 0.98, Decay = 0.05;

    [Fact]
    public void Some_steps_have_the_bits_of_TorchSharps()
    {
        TorchLibrary.Load();
        using var scope = NewDisposeScope();
        Parameter[] ours = [New(1), New(2), New(3)], theirs = [New(1), New(2), New(3)];
        var our = new AdamW(ours, Beta1, Beta2, Decay);
        var their = optim.AdamW(theirs, lr: 1, Beta1, Beta2, weight_decay: Decay);

        foreach (var rate in new[] { 3e-3, 1e-3, 2e-3, 7e-4 })
        {
            our.ZeroGradients();
            their.zero_grad();
            Learn(ours[..2]);
            Learn(theirs[..2]);
            foreach (var group in their.ParamGroups)
                group.LearningRate = rate;
            our.Step(rate);
            their.step();
        }

        Assert.Equal(theirs.Select(Bits), ours.Select(Bits));
        Assert.NotEqual(Bits(New(1)), Bits(ours[0]));
        Assert.Equal(Bits(New(3)), Bits(ours[2]));
    }

    private static Parameter New(int start) =>
        nn.Parameter(tensor(Enumerable.Range(0, 1000).Select(number => MathF.Sin(start + 0.01f * number * number)).ToArray()));

    private static void Learn(Parameter[] parameters) => parameters.Select(one => (one * one * one).sum()).Aggregate((sum, one) => sum + one).backward();

    private static byte[] Bits(Parameter parameter) => parameter.bytes.ToArray();
}
