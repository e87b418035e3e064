namespace PeftCluster.Data.Tests;

/// <summary>Text with pieces cut out, doubled, moved and replaced.</summary>
/// <param name="bits">What is put in.</param>
/// <param name="longest">No piece is as long.</param>
/// <param name="times">It is damaged less often.</param>
internal sealed class DamagedText(string[] bits, int longest, int times)
{
    public string Of(string text, Random random)
    {
        for (var left = random.Next(1, times); left > 0; left--)
        {
            var (start, other) = (random.Next(text.Length + 1), random.Next(text.Length + 1));
            var piece = text.Substring(start, Math.Min(random.Next(longest), text.Length - start));
            text = random.Next(4) switch
            {
                0 => text.Remove(start, piece.Length),
                1 => text.Insert(other, piece),
                2 => text.Insert(start, bits[random.Next(bits.Length)]),
                _ => text.Remove(start, piece.Length).Insert(start, bits[random.Next(bits.Length)]),
            };
        }
        return text;
    }
}
