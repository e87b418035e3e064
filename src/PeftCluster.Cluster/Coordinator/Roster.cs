using System.Collections.Immutable;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// Who works for a run, and what each was given in the stage in hand (a step, a measurement). The order is that of the names, so that
/// nothing depends on who came first.
/// </summary>
public sealed record Roster(ImmutableSortedDictionary<string, Worker> Workers)
{
    public static Roster Of(IEnumerable<string> workers, DateTimeOffset now) =>
        new(workers.ToImmutableSortedDictionary(name => name, name => Worker.Asked(name, now), DeviceOrder.Instance));

    /// <summary>Workers that have lied in this attempt: they get no work any more, whatever comes in their name.</summary>
    public ImmutableSortedSet<string> Quarantined { get; init; } = [];

    public Worker? this[string name] => Workers.GetValueOrDefault(name);

    /// <summary>Workers that have work: not those on probation.</summary>
    public IEnumerable<Worker> Active => Workers.Values.Where(worker => worker.Standing == Standing.Active);

    /// <summary>Workers that take part in steps, those on probation among them.</summary>
    public IEnumerable<Worker> Taking => Workers.Values.Where(worker => worker.Standing is Standing.Active or Standing.Probation);

    /// <summary>Workers that have not answered yet.</summary>
    public IEnumerable<Worker> Unanswered => Workers.Values.Where(worker => worker.Standing == Standing.Asked);

    public Roster With(Worker worker) => this with { Workers = Workers.SetItem(worker.Name, worker) };

    public Roster Without(string name) => this with { Workers = Workers.Remove(name) };

    public Roster Quarantine(string name) => Without(name) with { Quarantined = Quarantined.Add(name) };

    public Roster Each(Func<Worker, Worker> change) =>
        this with { Workers = Workers.ToImmutableSortedDictionary(pair => pair.Key, pair => change(pair.Value), DeviceOrder.Instance) };
}

/// <summary>Where a worker stands.</summary>
public enum Standing
{
    /// <summary>Its source is not open yet.</summary>
    Asked,

    /// <summary>It came while the run was under way, and has to show that it gets the same bits.</summary>
    Probation,

    /// <summary>It has work.</summary>
    Active,
}

/// <summary>One worker of a run.</summary>
/// <param name="Name">Its device.</param>
/// <param name="Standing">Where it stands.</param>
/// <param name="LastSign">When it last said something, or was given something while it had nothing.</param>
/// <param name="LastAsked">When something was last sent to it.</param>
/// <param name="Given">Items of the stage (shards, batches) that it was given.</param>
/// <param name="Reported">Those of them that it has answered.</param>
/// <param name="MillisecondsPerLeaf">The median of its last step with work, or null before one.</param>
public sealed record Worker(
    string Name, Standing Standing, DateTimeOffset LastSign, DateTimeOffset LastAsked, ImmutableSortedSet<int> Given, ImmutableSortedSet<int> Reported,
    double? MillisecondsPerLeaf)
{
    /// <summary>The user has been told that it is slow.</summary>
    public bool IsNamedSlow { get; init; }

    public static Worker Asked(string name, DateTimeOffset now) => new(name, Standing.Asked, now, now, [], [], null);

    /// <summary>It has answered all that it was given, so it can take more.</summary>
    public bool IsIdle => Reported.Count == Given.Count;

    /// <summary>The worker with nothing in hand.</summary>
    public Worker Fresh(DateTimeOffset now) => this with { Given = [], Reported = [], LastSign = now, LastAsked = now };

    public Worker Give(IEnumerable<int> items, DateTimeOffset now) => this with
    {
        Given = Given.Union(items),
        LastSign = IsIdle ? now : LastSign,
        LastAsked = now,
    };

    public Worker Report(int item, DateTimeOffset now) => this with { Reported = Given.Contains(item) ? Reported.Add(item) : Reported, LastSign = now };

    /// <summary>It is to compute an item anew.</summary>
    public Worker Reopen(int item, DateTimeOffset now) => (this with { Reported = Reported.Remove(item) }).Give([item], now);
}

/// <summary>cpu:2 before cpu:10: names by their text, then by the number at the end.</summary>
internal sealed class DeviceOrder : IComparer<string>
{
    public static DeviceOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Split(x!), Split(y!));
        var texts = string.CompareOrdinal(left.Text, right.Text);
        return texts != 0 ? texts : left.Number != right.Number ? left.Number.CompareTo(right.Number) : string.CompareOrdinal(x, y);
    }

    private static (string Text, long Number) Split(string name)
    {
        var digits = name.Length;
        while (digits > 0 && char.IsAsciiDigit(name[digits - 1]) && name.Length - digits < 9)
            digits--;
        return (name[..digits], digits == name.Length ? -1 : long.Parse(name.AsSpan(digits), System.Globalization.CultureInfo.InvariantCulture));
    }
}
