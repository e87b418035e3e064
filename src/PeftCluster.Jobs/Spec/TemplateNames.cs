namespace PeftCluster.Jobs.Spec;

/// <summary>What names of a task's templates look like: in its file, and in <see cref="DataSpec.Templates"/>.</summary>
public static class TemplateNames
{
    /// <summary>Letters, digits, spaces, points, hyphens and underscores; begins with a letter or digit.</summary>
    public const string Name = "^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$";
}
