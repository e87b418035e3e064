using CsCheck;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>Whatever the text, reading it gives a job or one line about what is wrong, and never anything else.</summary>
public sealed class FuzzTests
{
    private const string Odd = "[]{}:,-?&*!|>'\"%@`#~ \n\t\r\\/.0a\0\u0085\u2028\ud800\ufeffé";

    private static readonly Gen<string> Noise = Gen.String[Gen.OneOf(Gen.Int[0, Odd.Length - 1].Select(index => Odd[index]), Gen.Char[' ', '~']), 0, 60];

    private static readonly Gen<string> Mutated = Gen.Select(Gen.Int[0, Jobs.Text.Length], Gen.Int[0, 12], Noise,
        (start, length, noise) => Jobs.Text[..start] + noise[..Math.Min(noise.Length, length)] + Jobs.Text[Math.Min(Jobs.Text.Length, start + length)..]);

    private static readonly Gen<string> Spliced = Gen.Select(Mutated, Gen.Int[0, Jobs.Text.Length], Gen.Int[0, Jobs.Text.Length],
        (text, from, to) => text[..Math.Min(text.Length, from)] + Jobs.Text[to..]);

    [Fact]
    public void A_mutated_job_is_read_or_refused_in_one_line() =>
        Gen.OneOf(Mutated, Spliced, Noise).Sample(text => ReadOrRefused(text), iter: 4_000, seed: "0N0XIzNsQ0O2", threads: 1);

    [Fact]
    public void A_random_override_is_read_or_refused_in_one_line() =>
        Gen.Select(Gen.OneOf(Noise, Gen.OneOf("data", "training.seed", "resources.workers", "method.target_modules", "evaluation.shots[0]", "name")), Noise)
            .Sample((key, value) => ReadOrRefused(Jobs.Text, $"{key}={value}"), iter: 2_000, seed: "0N0XIzNsQ0O2", threads: 1);

    private static void ReadOrRefused(string text, params string[] overrides)
    {
        try
        {
            Jobs.Parse(text, overrides);
        }
        catch (BadInputException refusal)
        {
            Assert.DoesNotContain('\n', refusal.Message);
            Assert.True(refusal.Message.StartsWith("job.yaml:", StringComparison.Ordinal) || refusal.Message.StartsWith("--set ", StringComparison.Ordinal), refusal.Message);
        }
    }
}
