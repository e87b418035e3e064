using System.Text.Json.Serialization;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>Why a row is left out, by the key that says so.</summary>
public enum LeftOutReason
{
    /// <summary>data.on_bad_row: skip.</summary>
    BadRow,

    /// <summary>data.on_empty: skip.</summary>
    Empty,

    /// <summary>data.on_too_long: skip.</summary>
    TooLong,

    /// <summary>data.min_length.</summary>
    TooShort,

    /// <summary>data.drop_duplicates.</summary>
    Duplicate,
}

/// <summary>The rows of a set that were left out for one reason.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Rows">How many.</param>
/// <param name="First">The first of them, at most <see cref="LeftOutRows.MostListed"/>.</param>
public sealed record LeftOut(LeftOutReason Reason, int Rows, [property: JsonConverter(typeof(ListConverter<LeftOutRow>))] ValueList<LeftOutRow> First);

/// <summary>A row that was left out.</summary>
/// <param name="File">The number of its file in the set, from 0: names may change while the content stays.</param>
/// <param name="Number">Its line, or its number in a file without lines; from 1.</param>
/// <param name="What">What is wrong with it.</param>
public sealed record LeftOutRow(int File, int Number, string What);
