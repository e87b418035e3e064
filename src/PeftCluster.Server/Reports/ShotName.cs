using System.Globalization;

namespace PeftCluster.Server.Reports;

/// <summary>How the field calls a number of examples in the prompt: zero-shot, one-shot, five-shot.</summary>
public static class ShotName
{
    private static readonly string[] Words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    public static string Of(int shots) =>
        shots < Words.Length ? $"{Words[shots]}-shot" : string.Create(CultureInfo.InvariantCulture, $"{shots}-shot");
}
