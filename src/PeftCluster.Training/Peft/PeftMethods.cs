using System.Diagnostics;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Peft.Adalora;
using PeftCluster.Training.Peft.Bottleneck;
using PeftCluster.Training.Peft.Ia3;
using PeftCluster.Training.Peft.Loha;
using PeftCluster.Training.Peft.Lokr;
using PeftCluster.Training.Peft.Lora;
using PeftCluster.Training.Peft.OwnWeights;
using PeftCluster.Training.Peft.PrefixTuning;
using PeftCluster.Training.Peft.PromptTuning;
using PeftCluster.Training.Peft.PTuning;
using PeftCluster.Training.Peft.TFew;
using PeftCluster.Training.Peft.TrainableTokens;
using PeftCluster.Training.Peft.Vera;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Training.Peft;

/// <summary>The methods that can be trained, each with its folder beside this file: one line per method.</summary>
public static class PeftMethods
{
    public static IReadOnlyList<PeftMethod> BuiltIn { get; } =
    [
        new AdaloraMethod(),
        new BitFitMethod(),
        new BottleneckMethod(),
        new FullMethod(),
        new Ia3Method(),
        new LohaMethod(),
        new LokrMethod(),
        new LoraMethod(),
        new PrefixTuningMethod(),
        new PromptTuningMethod(),
        new PTuningMethod(),
        new TFewMethod(),
        new TrainableTokensMethod(),
        new VeraMethod(),
    ];

    /// <summary>Those, and the ones of the plugins that this process has loaded.</summary>
    public static IEnumerable<PeftMethod> All => BuiltIn.Concat(LoadedPlugin.All.SelectMany(plugin => plugin.Methods.Values));

    /// <summary>A method in the words of a model card.</summary>
    public static string SentenceAbout(MethodSpec spec) => Of(spec).Describe(spec);

    /// <summary>The method of a spec.</summary>
    public static PeftMethod Of(MethodSpec spec) =>
        All.FirstOrDefault(method => method.Spec == spec.GetType()) ?? throw new UnreachableException($"method {spec.Type} is not registered");
}
