using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft;

/// <summary>
/// A method as the rest of the product sees it: how a spec becomes a plan, and how it is said in PEFT's adapter_config.json. Each
/// method's folder has one, and <see cref="PeftMethods"/> lists them.
/// </summary>
public abstract class PeftMethod
{
    /// <summary>The record of <see cref="MethodSpec"/> that belongs to it.</summary>
    public abstract Type Spec { get; }

    /// <summary>Its name in adapter_config.json, for example LORA.</summary>
    public abstract string PeftType { get; }

    /// <summary>The name of its weight file.</summary>
    public virtual string WeightsName => AdapterFolder.WeightsName;

    /// <summary>Whether a configuration is one of this method.</summary>
    public virtual bool Owns(AdapterConfigFile config) => config["peft_type"]?.ToString() == PeftType;

    /// <summary>What the spec adds to a model.</summary>
    /// <exception cref="BadInputException">The model has not what the spec names.</exception>
    public abstract AdapterPlan Plan(MethodSpec spec, ModelConfig model);

    /// <summary>Every key of the configuration that PEFT would write for an adapter.</summary>
    /// <param name="spec">How it was trained.</param>
    /// <param name="layout">The vector's layout.</param>
    /// <param name="baseModel">The base model's folder or name.</param>
    public abstract JsonObject Write(MethodSpec spec, VectorLayout layout, string baseModel);

    /// <summary>The spec that an adapter was trained with.</summary>
    /// <param name="config">A file with this <see cref="PeftType"/>.</param>
    /// <param name="tensors">What the weight file holds.</param>
    /// <exception cref="BadInputException">The file asks for what is not offered.</exception>
    public abstract MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors);

    /// <summary>Tensors that a weight file holds though nobody trained them, with what they must be; null: there are none.</summary>
    public abstract (VectorLayout Layout, float[] Values)? Untrained(MethodSpec spec, IReadOnlyList<SafetensorsEntry> tensors);

    /// <summary>
    /// Ends of keys with a number each: where every number of such a tensor is that number, the adapter does nothing in the tensor's module, whatever
    /// its other tensors are. Empty where one tensor does not tell.
    /// </summary>
    public virtual IReadOnlyDictionary<string, float> Neutral(MethodSpec spec) => new Dictionary<string, float>();

    /// <summary>The Python library that loads what is exported.</summary>
    public virtual string Library => "peft";

    /// <summary>For a model card: the lines of Python that load <c>model</c> with the adapter of the current folder on <c>base</c>.</summary>
    public virtual string Python(PeftTask task) => $"""
        from peft import PeftModel
        from transformers import {task.AutoModel}, AutoTokenizer

        model = PeftModel.from_pretrained({task.AutoModel}.from_pretrained(base), ".")
        """;

    /// <summary>The adapter in a model card, for example "A LoRA adapter of rank 8 …".</summary>
    public abstract string Describe(MethodSpec spec);
}

/// <summary>The same with the method's own record.</summary>
public abstract class PeftMethod<TSpec> : PeftMethod
    where TSpec : MethodSpec
{
    public sealed override Type Spec => typeof(TSpec);

    public sealed override AdapterPlan Plan(MethodSpec spec, ModelConfig model) => Plan((TSpec)spec, model);

    public sealed override JsonObject Write(MethodSpec spec, VectorLayout layout, string baseModel) => Write((TSpec)spec, layout, baseModel);

    public sealed override (VectorLayout Layout, float[] Values)? Untrained(MethodSpec spec, IReadOnlyList<SafetensorsEntry> tensors) => Untrained((TSpec)spec, tensors);

    public sealed override string Describe(MethodSpec spec) => Describe((TSpec)spec);

    protected abstract AdapterPlan Plan(TSpec spec, ModelConfig model);

    protected abstract JsonObject Write(TSpec spec, VectorLayout layout, string baseModel);

    protected virtual (VectorLayout Layout, float[] Values)? Untrained(TSpec spec, IReadOnlyList<SafetensorsEntry> tensors) => null;

    protected abstract string Describe(TSpec spec);
}
