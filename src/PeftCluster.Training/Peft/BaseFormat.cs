using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft;

/// <summary>Which number formats a base can have below an adapter.</summary>
public static class BaseFormat
{
    /// <exception cref="BadInputException">The family or the method is computed in float32 only.</exception>
    public static void Check(BaseDtype dtype, ModelConfig config, AdapterPlan plan)
    {
        if (dtype == BaseDtype.Float32)
            return;
        if (config is not DecoderConfig)
            throw new BadInputException($"base_dtype: models of the family {config.ModelType} are computed in float32 only. Leave the key out.");
        if (!plan.TakesHalfBase)
            throw new BadInputException($"base_dtype: {plan.Summary} is trained over a float32 base only. Leave the key out, or take plain lora or ia3.");
    }
}
