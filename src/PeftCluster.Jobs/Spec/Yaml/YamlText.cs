using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PeftCluster.Jobs.Spec.Yaml;

/// <summary>Writes a tree as YAML: sections on lines of their own, lists and what is in them on one line.</summary>
internal static class YamlText
{
    public static string Write(MapNode root)
    {
        var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, root, depth: 0);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, YamlNode node, int depth)
    {
        switch (node)
        {
            case ScalarNode scalar:
                Emit(emitter, scalar.Text, scalar.Quoted && !IsClearlyText(scalar.Text));
                break;
            case ListNode list:
                emitter.Emit(new SequenceStart(default, default, isImplicit: true, SequenceStyle.Flow));
                foreach (var item in list.Items)
                    Emit(emitter, item, depth + 1);
                emitter.Emit(new SequenceEnd());
                break;
            case MapNode map:
                emitter.Emit(new MappingStart(default, default, isImplicit: true, depth < 2 ? MappingStyle.Block : MappingStyle.Flow));
                foreach (var entry in map.Entries)
                {
                    Emit(emitter, entry.Key, quoted: !IsClearlyText(entry.Key));
                    Emit(emitter, entry.Value, depth + 1);
                }
                emitter.Emit(new MappingEnd());
                break;
        }
    }

    private static void Emit(Emitter emitter, string text, bool quoted) =>
        emitter.Emit(new Scalar(default, default, text, quoted ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: true));

    /// <summary>A text that no reader of YAML 1.1 or 1.2 takes for anything else, and that reads better without quotes.</summary>
    private static bool IsClearlyText(string text) =>
        (char.IsAsciiLetter(text[0]) || text[0] == '/')
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '.' or '_' or '-')
        && text.ToUpperInvariant() is not ("NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");
}
