using System.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PeftCluster.Jobs.Spec.Yaml;

/// <summary>
/// Reads one YAML document, a job or what goes with it, into a tree, event by event, within limits. Refused, each with its place: what is not YAML,
/// a second document, anchors and aliases, tags, a key that is no single word, a key twice in a section, depth above
/// <see cref="DeepestNesting"/>. Nothing but <see cref="BadInputException"/> leaves it, whatever the text.
/// </summary>
internal sealed class YamlTree
{
    internal const int DeepestNesting = 16;

    private readonly Parser _parser;
    private readonly Func<Mark, Place> _placeOf;
    private readonly string _document;
    private readonly bool _hasLines;
    private ParsingEvent? _now;

    private YamlTree(string text, Func<Mark, Place> placeOf, string document = "a job", bool hasLines = false)
    {
        _parser = new Parser(new StringReader(text));
        (_placeOf, _document, _hasLines) = (placeOf, document, hasLines);
    }

    /// <summary>The document's root; nothing where the text is empty.</summary>
    public static YamlNode OfFile(string text, string file) =>
        new YamlTree(text, mark => Place.InFile(file, mark.Line, mark.Column)).Document();

    /// <summary>As <see cref="OfFile"/>, of a task, whose texts may have several lines.</summary>
    public static YamlNode OfTask(string text, string file) =>
        new YamlTree(text, mark => Place.InFile(file, mark.Line, mark.Column), "a task", hasLines: true).Document();

    /// <summary>The value of an override, which is YAML too.</summary>
    public static YamlNode OfOverride(string text, string key) =>
        new YamlTree(text, _ => Place.Override(key)).Document();

    private YamlNode Document()
    {
        Next();
        if (Next() is StreamEnd end)
            return new ScalarNode(_placeOf(end.Start), "");
        Next();
        var root = Node(depth: 0);
        if (Next() is not StreamEnd)
            throw Refusal(Now.Start, $"a second document starts here. {char.ToUpperInvariant(_document[0])}{_document[1..]} is one document: remove the line ---.");
        return root;
    }

    /// <summary>The value that starts at the current event. Afterwards the current event is the one behind it.</summary>
    private YamlNode Node(int depth)
    {
        if (depth > DeepestNesting)
            throw Refusal(Now.Start, $"values are nested deeper than {DeepestNesting} levels.");
        switch (Now)
        {
            case Scalar scalar:
                Plain(scalar);
                Next();
                return new ScalarNode(_placeOf(scalar.Start), Checked(scalar), scalar.Style is not ScalarStyle.Plain);
            case SequenceStart start:
                Plain(start);
                Next();
                return new ListNode(_placeOf(start.Start), Items(depth));
            case MappingStart start:
                Plain(start);
                Next();
                return new MapNode(_placeOf(start.Start), Entries(depth));
            case AnchorAlias alias:
                throw Refusal(alias.Start, $"*{alias.Value} is an alias, and {_document} has none. Write the value out.");
            default:
                throw Refusal(Now.Start, "not valid YAML here.");
        }
    }

    private List<YamlNode> Items(int depth)
    {
        var items = new List<YamlNode>();
        while (Now is not SequenceEnd)
            items.Add(Node(depth + 1));
        Next();
        return items;
    }

    private List<MapEntry> Entries(int depth)
    {
        var entries = new List<MapEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (Now is not MappingEnd)
        {
            var name = Node(depth + 1);
            if (name is not ScalarNode { IsNull: false } key)
                throw name.Place.Error("", "a key has to be one word.");
            if (!seen.Add(key.Text))
                throw key.Place.Error("", $"{key.Text} stands twice in this section. Remove one.");
            entries.Add(new MapEntry(key.Place, key.Text, Node(depth + 1)));
        }
        Next();
        return entries;
    }

    private void Plain(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
            throw Refusal(node.Start, $"&{node.Anchor.Value} is an anchor, and {_document} has none. Write the value out.");
        if (!node.Tag.IsEmpty)
            throw Refusal(node.Start, $"{node.Tag.Value} is a tag, and {_document} has none. Remove it.");
    }

    /// <summary>Escapes in quotes can bring characters that no name, path or number has.</summary>
    private string Checked(Scalar scalar)
    {
        foreach (var character in scalar.Value)
        {
            if (char.IsControl(character) && !(_hasLines && character is '\n' or '\t'))
                throw Refusal(scalar.Start, $"the text holds the control character U+{(int)character:X4}. Remove it.");
        }
        return scalar.Value;
    }

    private ParsingEvent Now => _now ?? throw new UnreachableException("no event was read yet");

    private ParsingEvent Next()
    {
        try
        {
            _parser.MoveNext();
        }
        catch (YamlException error)
        {
            throw Refusal(error.Start, $"not valid YAML. {error.Message}", error);
        }
        // YamlDotNet 18.1 fails so on some broken texts: an open flow list before the next key, a tag that is no URI.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw Refusal(_now?.Start ?? Mark.Empty, "not valid YAML after this place. Look for an open bracket or quote.", error);
        }
        return _now = _parser.Current ?? throw Refusal(Now.Start, "the text ends too early.");
    }

    private BadInputException Refusal(Mark mark, string what, Exception? cause = null) => _placeOf(mark).Error("", what, cause);
}
