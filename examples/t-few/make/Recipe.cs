namespace PeftCluster.TFew.Make;

/// <summary>Every number that the files depend on, apart from the base's shape.</summary>
internal static class Recipe
{
    /// <summary>The seed of everything; each use draws from a Philox stream of its own.</summary>
    public const long Seed = 7;

    public const int TrainRows = 200, HeldoutRows = 150;

    public const int Steps = 1200;

    /// <summary>Rows of a step.</summary>
    public const int BatchRows = 32;

    /// <summary>Threads of a product; another number may give another last bit.</summary>
    public const int Threads = 1;
}
