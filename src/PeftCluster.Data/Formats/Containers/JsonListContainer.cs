using System.Text.Json;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>
/// JSON: a list of objects, or an object whose <c>data</c> or <c>rows</c> is one; it is read part by part, never as a whole. Objects one after
/// another are rows too, since JSON Lines is often named .json. Where the text breaks, nothing after it can be read.
/// </summary>
internal sealed class JsonListContainer : IRowContainer
{
    private static readonly string[] Lists = ["data", "rows"];

    public string Name => "json";

    public bool HasLines => false;

    public string RowIs => "a list of objects";

    public bool NeedsSeeking => false;

    public string Fill => "Write a list of objects.";

    public IEnumerable<ContainerRow> Read(Stream stream, string path)
    {
        var text = new JsonText(stream, path);
        return text.Peek() switch
        {
            null => [],
            '[' => WholeList(text),
            '{' => Objects(text),
            _ => throw text.Broken("the file starts with neither [ nor {. Write a list of objects, or an object whose data is one."),
        };
    }

    private static IEnumerable<ContainerRow> WholeList(JsonText text)
    {
        foreach (var row in List(text))
            yield return row;
        if (text.Peek() is not null)
            throw text.Broken("text follows the end of the list. Remove it.");
    }

    /// <summary>The elements of a list that starts here; afterwards it is read to its end.</summary>
    private static IEnumerable<ContainerRow> List(JsonText text)
    {
        text.Token();
        while (text.Peek() is { } next && next != ']')
        {
            using var element = text.Value() ?? throw text.TooLong();
            yield return new ContainerRow(++text.Rows, element.RootElement);
        }
        text.Token();
    }

    /// <summary>One object that holds the list, or objects that are rows.</summary>
    private static IEnumerable<ContainerRow> Objects(JsonText text)
    {
        using var first = text.Value();
        if (first is null)
        {
            foreach (var row in Holder(text))
                yield return row;
            yield break;
        }
        var only = text.Peek() is null;
        if (only && ListOf(first.RootElement) is { } list)
        {
            foreach (var element in list.EnumerateArray())
                yield return new ContainerRow(++text.Rows, element);
            yield break;
        }
        yield return new ContainerRow(++text.Rows, first.RootElement);
        while (text.Peek() is not null)
        {
            using var next = text.Value() ?? throw text.TooLong();
            yield return new ContainerRow(++text.Rows, next.RootElement);
        }
    }

    private static JsonElement? ListOf(JsonElement holder)
    {
        foreach (var name in Lists)
        {
            if (holder.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array)
                return list;
        }
        return null;
    }

    /// <summary>An object too long for memory: whatever stands before and after its list is passed over.</summary>
    private static IEnumerable<ContainerRow> Holder(JsonText text)
    {
        var found = false;
        text.Token();
        while (text.Peek() is { } next && next != '}')
        {
            var name = text.Name();
            if (!found && Lists.Contains(name) && text.Peek() == '[')
            {
                found = true;
                foreach (var row in List(text))
                    yield return row;
            }
            else
            {
                text.Skip();
            }
        }
        text.Token();
        if (!found)
            throw text.Broken("the object is longer than 16 MB and has no list named data or rows. Write a list of objects.");
    }
}
