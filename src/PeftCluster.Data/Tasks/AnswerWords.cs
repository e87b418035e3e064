using System.Globalization;
using System.Text.Json;
using PeftCluster.Data.Formats;

namespace PeftCluster.Data.Tasks;

/// <summary>
/// What the field of the right answer may say: one of the task's words, or its number from 0; without words, numbers only. Where a word is a number itself
/// ("1", "2"), numbers are words and nothing else.
/// </summary>
/// <param name="field">The field.</param>
/// <param name="words">The words, in the order of the choices; null: there are none.</param>
internal sealed class AnswerWords(string field, IReadOnlyList<string>? words)
{
    private readonly bool _numbersCount = words?.Any(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _)) != true;

    /// <summary>The words, or null.</summary>
    public IReadOnlyList<string>? Words => words;

    /// <summary>The right choice, from 0. Where there are no words, whether there is such a choice is seen when there are choices.</summary>
    /// <exception cref="RowRefused">The value is no answer.</exception>
    public int Of(JsonElement value)
    {
        var said = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Trim(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => throw ExampleRow.Bad($"\"{field}\" is {ExampleRow.Kind(value)}, not an answer. {Expected}"),
        };
        // JSON writes true and false small; tasks may write them as they like.
        var comparison = value.ValueKind is JsonValueKind.True or JsonValueKind.False ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        for (var number = 0; number < (words?.Count ?? 0); number++)
        {
            if (string.Equals(words![number], said, comparison))
                return number;
        }
        return _numbersCount && int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given < (words?.Count ?? int.MaxValue)
            ? given
            : throw ExampleRow.Bad($"\"{field}\" says \"{OneLine.Piece(said)}\", which is no answer of the task. {Expected}");
    }

    private string Expected => words is null
        ? "Answers are the numbers of the choices, from 0."
        : $"Answers are {OneLine.Of(string.Join(", ", words.Take(20)))}{(words.Count > 20 ? ", …" : "")}{(_numbersCount ? $", or their numbers, 0 to {words.Count - 1}" : "")}.";
}
