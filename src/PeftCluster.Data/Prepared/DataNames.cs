using System.Globalization;

namespace PeftCluster.Data.Prepared;

/// <summary>What the files of prepared data are called in a data reference.</summary>
internal static class DataNames
{
    public const string Train = "train";

    public const string HeldOut = "eval";

    public static string Index(string set) => $"{set}.index";

    public static string Shard(string set, int number) => string.Create(CultureInfo.InvariantCulture, $"{set}/{number}");
}
