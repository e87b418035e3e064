using System.Text.RegularExpressions;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Server.Node;

/// <summary>A method as somebody who chooses one sees it. Of a model nothing but its config.json is read.</summary>
/// <param name="Type">Its name in job.yaml.</param>
/// <param name="LearningRate">The peak rate of a job that names none.</param>
/// <param name="About">What it is, and whose, in a sentence.</param>
/// <param name="Trained">Numbers that it trains in the model with its defaults; null without a model, or where it does not fit.</param>
/// <param name="Share">The same by the model's own numbers.</param>
/// <param name="Misfit">Why it cannot be trained in the model as it is; null where it can.</param>
public sealed partial record MethodFacts(string Type, double LearningRate, string About, long? Trained, double? Share, string? Misfit)
{
    /// <summary>Every method, in the order of names.</summary>
    /// <param name="model">A model's folder, its config.json or its name in the Hugging Face cache; null: none.</param>
    /// <param name="plugins">Whose methods are listed too.</param>
    /// <exception cref="BadInputException">There is no such model, or one that is not known here; or a plugin cannot be used.</exception>
    public static IReadOnlyList<MethodFacts> All(string? model, IReadOnlyList<PluginReference> plugins)
    {
        var config = model is null ? null : File.Exists(model) ? ModelConfigFile.LoadFile(model) : ModelConfigFile.Load(HubFolder.Here(new NodeFolders().Hub, model));
        IEnumerable<KeyValuePair<string, Type>> added = plugins.Count == 0 ? [] : PluginHost.OfPaths.Open(plugins).Methods;
        return [.. MethodRegistry.Records.Concat(added).OrderBy(method => method.Key, StringComparer.Ordinal).Select(method => Of((MethodSpec)Activator.CreateInstance(method.Value)!, config))];
    }

    private static MethodFacts Of(MethodSpec method, ModelConfig? model)
    {
        var facts = new MethodFacts(method.Type, method.DefaultLearningRate, MethodRegistry.Records.ContainsKey(method.Type) ? FirstSentence().Match(JobSchema.SentencesAbout(method.Type)).Value : PeftMethods.SentenceAbout(method), null, null, null);
        if (model is null)
            return facts;
        try
        {
            var trained = AdapterPlan.Of(method, model).Layout.Parameters;
            return facts with { Trained = trained, Share = (double)trained / model.Parameters };
        }
        catch (BadInputException misfit)
        {
            return facts with { Misfit = misfit.Message };
        }
        catch (OverflowException)
        {
            return facts with { Misfit = "more numbers than one vector holds (2³¹)." };
        }
    }

    // The point of "et al." ends no sentence.
    [GeneratedRegex(@"^.*?(?<!\bal)(?=\.( |$))", RegexOptions.Singleline)]
    private static partial Regex FirstSentence();
}
