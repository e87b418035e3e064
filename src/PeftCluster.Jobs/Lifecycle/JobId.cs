using System.Security.Cryptography;

namespace PeftCluster.Jobs.Lifecycle;

/// <summary>A job's id: a ULID, 26 letters and digits that sort by the time of submission.</summary>
public readonly record struct JobId
{
    private readonly Ulid _value;

    private JobId(Ulid value) => _value = value;

    /// <summary>A fresh id. Its last 80 bits are random, so that two machines never make the same one.</summary>
    public static JobId New(TimeProvider time) =>
        new(Ulid.NewUlid(time.GetUtcNow(), RandomNumberGenerator.GetBytes(10)));

    /// <exception cref="BadInputException">The text is no ULID.</exception>
    public static JobId Parse(string text) =>
        // Ulid reads any character as some digit; a text that it would not write is none.
        text.Length == 26 && Ulid.TryParse(text, out var value) && value.ToString() == text
        ? new JobId(value)
        : throw new BadInputException($"{text}: is no job id. An id has 26 letters and digits, for example 01JDB8QK3V5W7Y9ZACEGJMPRTV.");

    public override string ToString() => _value.ToString();
}
