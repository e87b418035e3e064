using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Source;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Source;

/// <summary>
/// What a step is thought to take, from the committed configurations alone: never less than what certainly exists at once, and more for more. That it is near what is resident is in
/// docs/performance.md.
/// </summary>
public sealed class StepMemoryBoundsTests
{
    private const int Rows = 4, Length = 256;

    public static TheoryData<string, MethodSpec> Cases => new(
        from file in Directory.GetFiles(Repository.File("bench", "configs")).Order(StringComparer.Ordinal)
        from method in new MethodSpec[] { new LoraSpec(), new Ia3Spec(), new BottleneckSpec() }
        select (Path.GetFileName(file), method));

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_not_below_what_exists_for_certain(string file, MethodSpec method)
    {
        var (config, plan, memory) = Of(file, method);
        var shape = Shape(config);
        var logits = config.Task == PeftTask.Classification ? 0 : HeadLoss.Room(shape.Labels, config.VocabularySize);
        for (var again = 0; again <= memory.Layers; again++)
        {
            // Weights, version and gradient, logits; of each layer that is computed again its input, of any other both states that it adds to and its widest output.
            var certain = 4 * (config.Parameters + 2L * plan.Layout.Length) + logits + config.LayerShapes.Skip(config.LayerShapes.Count - memory.Layers).Select((layer, index) =>
                4L * Rows * Length * (index < again ? config.HiddenSize : 2 * config.HiddenSize + layer.Linears.Max(linear => linear.Out))).Sum();
            Assert.InRange(memory.Of(shape, again), certain, 4 * certain);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_grows_with_rows_and_tokens_and_falls_with_layers_that_are_computed_again(string file, MethodSpec method)
    {
        var (config, _, memory) = Of(file, method);
        var shape = Shape(config);
        var longer = shape with { Length = Length + 16, Source = shape.Source == 0 ? 0 : Length + 16 };
        for (var again = 0; again <= memory.Layers; again++)
        {
            Assert.True(memory.Of(shape with { Rows = Rows + 1 }, again) > memory.Of(shape, again));
            Assert.True(memory.Of(longer, again) > memory.Of(shape, again));
            // The last layer that is computed again saves nothing: nothing stands above it. Its input is one more.
            Assert.True(again == 0 || again == memory.Layers || memory.Of(shape, again) < memory.Of(shape, again - 1), $"{again} layers");
        }
        Assert.Equal(Enumerable.Range(0, memory.Layers + 1).Min(again => memory.Of(shape, again)), memory.Least(shape));
    }

    private static (ModelConfig Config, AdapterPlan Plan, StepMemory Memory) Of(string file, MethodSpec method)
    {
        var config = ModelConfigFile.LoadFile(Repository.File("bench", "configs", file));
        var plan = AdapterPlan.Of(method, config);
        return (config, plan, new StepMemory(config, plan, BaseFormat.Of(config, ScalarType.Float32)));
    }

    private static MicroBatchShape Shape(ModelConfig config) =>
        new(Rows, Length, config.Task == PeftTask.EncoderDecoder ? Length : 0, 0, config.Task == PeftTask.Classification ? Rows : Rows * Length);
}
