using System.Globalization;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Prepared;

/// <summary>Makes rows of tokens of examples, and counts what it cuts and leaves out.</summary>
/// <param name="places">Where rows are, for messages.</param>
internal abstract class ExampleEncoder(RowPlaces places)
{
    /// <summary>Rows cut at max_length so far.</summary>
    public int Truncated { get; protected set; }

    /// <summary>Examples left out so far because there was nothing to learn.</summary>
    public int Skipped { get; private set; }

    /// <summary>Why the last example that gave no row was left out, by the key that says so, and in words with its numbers.</summary>
    public (LeftOutReason Reason, string Why) LeftOut { get; private set; }

    /// <summary>The example's rows, each valid until the next is asked for; none: it is left out.</summary>
    /// <exception cref="BadInputException">Too long, or nothing to learn, where the job refuses that.</exception>
    /// <exception cref="RowRefused">The template or the model cannot use it.</exception>
    public abstract IEnumerable<EncodedRow> Encode(Example example);

    /// <summary>The example is left out because it is too long.</summary>
    protected void LeaveOut(FormattableString tooLong) => LeftOut = (LeftOutReason.TooLong, tooLong.ToString(CultureInfo.InvariantCulture));

    /// <summary>The example is left out because it is too short.</summary>
    protected void LeaveOutShort(FormattableString tooShort) => LeftOut = (LeftOutReason.TooShort, tooShort.ToString(CultureInfo.InvariantCulture));

    /// <summary>The example is left out because there is nothing to learn.</summary>
    protected void LeaveOutEmpty(string why)
    {
        Skipped++;
        LeftOut = (LeftOutReason.Empty, why);
    }

    /// <summary>The job is refused for the example.</summary>
    protected BadInputException Bad(Example example, FormattableString what) => new($"{places.Of(example.Line)}: {what.ToString(CultureInfo.InvariantCulture)}");
}
