using PeftCluster.Examples.Make;
using PeftCluster.Steps.Randomness;
using PeftCluster.TFew.Make.Tasks;

namespace PeftCluster.TFew.Make.Pretraining;

/// <summary>What the base learns from: any family, any question, any of its wordings, all equally likely; none about a reserved order.</summary>
/// <param name="random">What the rows are drawn from.</param>
/// <param name="reserved">Orders that never occur: those of the held-out family's rows.</param>
internal sealed class Mixture(PhiloxStream random, IReadOnlySet<string> reserved)
{
    public Row Next()
    {
        while (true)
        {
            var family = random.Pick(Families.All);
            var question = family.Draw(random);
            if (!reserved.Contains(question.Order))
                return question.Under(random.Pick(family.Templates));
        }
    }
}
