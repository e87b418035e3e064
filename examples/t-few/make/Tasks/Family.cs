using PeftCluster.Steps.Randomness;

namespace PeftCluster.TFew.Make.Tasks;

/// <summary>A family of tasks: how its questions are drawn, and the wordings that they can have.</summary>
internal sealed record Family(string Name, Func<PhiloxStream, Question> Draw, IReadOnlyList<Template> Templates);
