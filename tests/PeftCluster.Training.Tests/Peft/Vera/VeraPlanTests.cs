using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Vera;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Peft.Vera;

/// <summary>VeRA's projections: where they come from, and what files say about them.</summary>
public sealed class VeraPlanTests
{
    [Fact]
    public void Projections_are_as_large_as_the_largest_layer_and_follow_from_the_key_alone()
    {
        var plan = AdapterPlan.Of(new VeraSpec { R = 6, TargetModules = ["v_proj", "down_proj"] }, TinyLlama.Config);
        Assert.Equal([[6L, 44], [32L, 6]], plan.Frozen.Slices.Select(slice => slice.Shape));
        Assert.Equal(2 * (16 + 6 + 32 + 6), plan.Layout.Parameters);
        var values = Frozen(plan);
        var bound = MathF.Sqrt(6f / 44);
        Assert.All(values[..(6 * 44)], value => Assert.InRange(value, -bound, bound));
        Assert.Equal(values, Frozen(plan));
        Assert.NotEqual(values, Frozen(AdapterPlan.Of(new VeraSpec { R = 6, ProjectionPrngKey = 1, TargetModules = ["v_proj", "down_proj"] }, TinyLlama.Config)));
    }

    // torch.manual_seed(0); torch.empty(2).uniform_(-1, 1)
    [Fact]
    public void Numbers_are_those_of_PyTorchs_generator()
    {
        var values = new float[2];
        new TorchUniform(0).Fill(values, 1);
        Assert.Equal([-0.0074869394f, 0.5364435f], values.Select(value => value), Near);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_holds_the_projections_or_not_and_is_read_either_way(bool saved)
    {
        using var folder = new TemporaryFolder();
        var (plan, vector) = Exported(folder, saved);
        using (var stream = File.OpenRead(folder.File("adapter_model.safetensors")))
            Assert.Equal(saved, SafetensorsHeader.Read(stream, "file").Tensors.Any(tensor => tensor.Name == "base_model.vera_A"));
        Assert.Equal(vector, AdapterFolder.Open(folder.Path, _ => { }).Read(plan.Layout));
    }

    [Fact]
    public void Projections_that_the_key_does_not_give_are_refused()
    {
        using var folder = new TemporaryFolder();
        var (plan, _) = Exported(folder, true);
        File.WriteAllText(folder.File("adapter_config.json"), File.ReadAllText(folder.File("adapter_config.json")).Replace("\"projection_prng_key\": 5", "\"projection_prng_key\": 6", StringComparison.Ordinal));
        Assert.Contains("\"base_model.vera_A\" is not what adapter_config.json's seed gives",
            Assert.Throws<BadInputException>(() => AdapterFolder.Open(folder.Path, _ => { }).Read(plan.Layout)).Message, StringComparison.Ordinal);
    }

    private static bool Near(float one, float other) => MathF.Abs(one - other) < 1e-6f;

    private static (AdapterPlan Plan, float[] Vector) Exported(TemporaryFolder folder, bool saved)
    {
        var job = new JobSpec
        {
            Name = "vera",
            Model = "/base",
            Method = new VeraSpec { R = 4, ProjectionPrngKey = 5, SaveProjection = saved },
            Data = new DataSpec { Train = "train.jsonl" },
            Output = new OutputSpec { Folder = folder.Path },
        };
        var plan = AdapterPlan.Of(job.Method, TinyLlama.Config);
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 1, name => throw new InvalidOperationException(name));
        AdapterExport.Write(folder.Path, job, PeftTask.CausalLanguageModel, plan, vector, Frozen(plan));
        return (plan, vector);
    }

    private static float[] Frozen(AdapterPlan plan)
    {
        var frozen = new float[plan.Frozen.Length];
        plan.FillFrozen(frozen, name => throw new InvalidOperationException(name));
        return frozen;
    }
}
