using System.Globalization;
using System.Runtime.InteropServices;
using PeftCluster.Data.Chat.Jinja.Values;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>Some neighbouring rows of a file as tokens, on their way to the spool, and what was left out or counted about them.</summary>
internal sealed class EncodedBatch
{
    private readonly List<int> _tokens = [];
    private readonly List<(int Line, int Tokens, LabelSpan[] Spans, int? Right)> _rows = [];
    private readonly List<(LeftOutReason Reason, int Line, string Why)> _leftOut = [];

    /// <param name="encoder">One that nobody else uses, with nothing counted yet.</param>
    /// <param name="examples">In the order of the file.</param>
    /// <param name="data">Limits and policies.</param>
    /// <param name="places">Where rows are, for messages.</param>
    /// <exception cref="BadInputException">A row is not fit, where the job refuses that.</exception>
    public EncodedBatch(ExampleEncoder encoder, IReadOnlyList<Example> examples, DataSpec data, RowPlaces places)
    {
        foreach (var example in examples)
        {
            try
            {
                Add(encoder, example, data.MinLength);
            }
            catch (RowRefused refused) when (data.OnBadRow == OnBadRow.Skip)
            {
                _leftOut.Add((LeftOutReason.BadRow, example.Line, refused.Message));
            }
            catch (RowRefused refused)
            {
                throw new BadInputException($"{places.Of(example.Line)}: {refused.Message}", refused);
            }
        }
        (Skipped, Truncated) = (encoder.Skipped, encoder.Truncated);
    }

    /// <summary>Rows left out because the cut left no label.</summary>
    public int Skipped { get; }

    /// <summary>Rows cut at max_length.</summary>
    public int Truncated { get; }

    /// <summary>About how many characters of text an example has; what counts is that a long one counts as long.</summary>
    public static int SizeOf(Example example) => example.Prompt.Length + example.Completion.Length
        + (example.Conversation?.Messages.Sum(message => message is DictValue said && said.Item("content") is TextValue text ? text.Text.Length : 0) ?? 0)
        + (example.Task?.Characters ?? 0);

    /// <param name="spool">Takes the rows.</param>
    /// <param name="leftOut">Takes those that are left out.</param>
    /// <param name="file">The file's number in the set.</param>
    public void AddTo(RowSpool spool, LeftOutRows leftOut, int file)
    {
        var tokens = CollectionsMarshal.AsSpan(_tokens);
        foreach (var (line, length, spans, right) in _rows)
        {
            spool.Add(file, line, tokens[..length], spans, right);
            tokens = tokens[length..];
        }
        foreach (var (reason, line, why) in _leftOut)
            leftOut.Add(reason, file, line, why);
    }

    private void Add(ExampleEncoder encoder, Example example, int shortest)
    {
        var rows = 0;
        foreach (var row in encoder.Encode(example))
        {
            rows++;
            if (row.Tokens.Count < shortest)
            {
                _leftOut.Add((LeftOutReason.TooShort, example.Line, string.Create(CultureInfo.InvariantCulture, $"the row has {row.Tokens.Count:N0} tokens.")));
                continue;
            }
            _tokens.AddRange(row.Tokens);
            _rows.Add((example.Line, row.Tokens.Count, row.Spans, row.Right));
        }
        if (rows == 0)
            _leftOut.Add((encoder.LeftOut.Reason, example.Line, encoder.LeftOut.Why));
    }
}
