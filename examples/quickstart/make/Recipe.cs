namespace PeftCluster.Quickstart.Make;

/// <summary>Every number that the files depend on, apart from the base's shape.</summary>
internal static class Recipe
{
    /// <summary>The seed of everything; each use draws from a Philox stream of its own.</summary>
    public const long Seed = 7;

    public const int TrainRows = 1200, HeldoutRows = 200;

    /// <summary>The texts that the vocabulary is learnt from.</summary>
    public const int VocabularyTexts = 20_000;

    /// <summary>More than there are to learn: every word of the world becomes one token.</summary>
    public const int MostMerges = 767;

    public const int Steps = 2000;

    /// <summary>Threads of a product; another number may give another last bit.</summary>
    public const int Threads = 2;
}
