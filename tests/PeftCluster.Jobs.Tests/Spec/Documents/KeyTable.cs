using System.Text;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Tests.Spec.Documents;

/// <summary>docs/job-file.md: every key with its kind, range, default and meaning, from the same keys that reading uses.</summary>
internal static class KeyTable
{
    private const string Head = """
        # job.yaml, key by key

        This page is generated from the records in `src/PeftCluster.Jobs/Spec` by a test; edit their doc comments and attributes, not this file.

        - Paths may be relative: they start from the folder that the command runs in.
        - A round bracket leaves its bound out: `(0, 10]` is above 0 and at most 10.
        - Any key can be given on the command line instead: `--set training.learning_rate=1e-4`, `--set evaluation.shots=[]`. The value is YAML; the last one wins.
        - Unknown keys, keys twice, anchors, aliases, tags and a second document are refused. A file has at most 1 MB.
        - The schema for editors is `src/PeftCluster.Jobs/Spec/job.schema.json`; `job.schema.json` lies beside the resolved job of every run.


        """;

    public static string Markdown()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        Section(page, "The job", "", [.. JobKeys.Root.Keys.Where(key => key.Type is not (SectionType or PickedType))]);
        foreach (var key in JobKeys.Root.Keys)
        {
            if (key.Type is SectionType section)
                SectionAndBelow(page, key.Name, DocComments.Of(key.Property.PropertyType), section);
            if (key.Type is PickedType)
            {
                foreach (var (name, record) in MethodRegistry.Records)
                    Section(page, $"{key.Name}, type: {name}", $"{DocComments.Of(record)}\n\n{Defaults(MethodRegistry.Default(name).TrainingDefaults(new Dictionary<string, string>()))}", SectionType.Of(record).Keys);
            }
        }
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static string Defaults(IReadOnlyDictionary<string, string> ofTraining) =>
        $"Default{(ofTraining.Count == 1 ? "" : "s")} of {string.Join(", ", ofTraining.Select(one => $"`training.{one.Key}`: {one.Value}"))}.";

    private static void SectionAndBelow(StringBuilder page, string title, string about, SectionType section)
    {
        Section(page, title, about, section.Keys);
        foreach (var key in section.Keys)
            if (key.Type is SectionType below)
                SectionAndBelow(page, $"{title}.{key.Name}", DocComments.Of(key.Property.PropertyType), below);
    }

    private static void Section(StringBuilder page, string title, string about, IReadOnlyList<KeyInfo> keys)
    {
        page.Append($"## {title}\n");
        if (about.Length > 0)
            page.Append($"{about}\n\n");
        page.Append("| key | what | range | default | meaning |\n|---|---|---|---|---|\n");
        foreach (var key in keys)
            page.Append($"| `{key.Name}` | {Cell(Kind(key))} | {Cell(key.Type.Limits ?? "")} | {Cell(Default(key))} | {Cell(Meaning(key))} |\n");
        page.Append('\n');
    }

    private static string Kind(KeyInfo key) => key.Type is ChoiceType ? "a choice" : key.Type.Kind.TrimEnd(',');

    private static string Default(KeyInfo key) => key switch
    {
        { Required: true } => "**required**",
        { FilledFrom: { } from } => from,
        { Default: null } => "none",
        { Type: SectionType } => "its keys'",
        _ => $"`{YamlJson.Of(key.Type.Write(key.Default))?.ToJsonString().Replace("\"", "", StringComparison.Ordinal)}`",
    };

    private static string Meaning(KeyInfo key)
    {
        var choices = key.Type is ChoiceType choice
            ? string.Concat(choice.Choices.Select(one => $" `{one.Word}`: {DocComments.Of(one.Member)}"))
            : "";
        return DocComments.Of(key.Property) + choices;
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
