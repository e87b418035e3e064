using PeftCluster.Jobs.Spec;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>Jobs that tests start from. Errors point to lines of <see cref="Text"/>, so it stays as it is.</summary>
internal static class Jobs
{
    public const string Text = """
        name: support-tone
        model: base
        data:
          train: train.jsonl
          eval: heldout.jsonl
          format: alpaca
          max_length: 256
        method:
          type: lora
          r: 8
          lora_alpha: 16
          target_modules: [q_proj, v_proj]
        training:
          learning_rate: 2.0e-3
          lr_scheduler_type: cosine
          warmup_ratio: 0.05
          seed: 7
        evaluation: { shots: [0, 1, 5] }
        resources: { workers: { min: 1, max: 4 }, threads: 1 }
        output: { folder: runs/support-tone }
        """;

    public const string Shortest = """
        model: base
        data: { train: train.jsonl }
        method: { type: lora }
        """;

    public static JobSpec Parse(string text, params string[] overrides) =>
        JobFile.Parse(text, "job.yaml", "/home/ada/tone", overrides);

    /// <summary>The one line that a text, or overrides over <see cref="Text"/>, is refused with.</summary>
    public static string Refusal(string text, params string[] overrides) =>
        Assert.Throws<BadInputException>(() => Parse(text, overrides)).Message;

    /// <summary>As <see cref="Refusal"/>, of <see cref="Text"/> with one piece replaced.</summary>
    public static string RefusalWith(string piece, string replacement)
    {
        Assert.Contains(piece, Text, StringComparison.Ordinal);
        return Refusal(Text.Replace(piece, replacement, StringComparison.Ordinal));
    }
}
