using System.Text.Json.Serialization;

namespace PeftCluster.Quickstart.Make.Tasks;

/// <summary>One line of instruction-style data, in Alpaca's three columns.</summary>
internal sealed record Row(string Instruction, string Input, string Output)
{
    /// <summary>The text before the answer, as the job's template <c>plain</c> writes it.</summary>
    [JsonIgnore]
    public string Prompt => Input.Length == 0 ? $"{Instruction}\n" : $"{Instruction}\n{Input}\n";
}
