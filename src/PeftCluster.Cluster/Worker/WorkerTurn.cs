using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Worker;

/// <summary>One decision of a <see cref="WorkerMachine"/> while it is made.</summary>
internal sealed class WorkerTurn(WorkerMachine state)
{
    public WorkerMachine State { get; private set; } = state;

    public List<WorkerEffect> Effects { get; } = [];

    public void Hear(IRunMessage message)
    {
        var key = AssignmentKey.Of(message);
        if (message is Assign assign)
            Assign(key, assign);
        else if (message is Release)
            Release(key, message.Step);
        else if (State.Assignments.GetValueOrDefault(key) is { Ready: not null, Closing: false } assignment)
            Work(key, assignment, message);
    }

    public void Release(AssignmentKey key, int step)
    {
        if (State.Assignments.GetValueOrDefault(key) is not { } assignment)
        {
            Answer(new Released(key.Job, key.Attempt, step));
            return;
        }
        if (assignment.Closing)
            return;
        Set(key, assignment with { Closing = true });
        Drop(key, _ => true);
        Queue(new WorkItem.Close(key, step));
    }

    public void End(WorkItem item, WorkOutcome outcome)
    {
        if (State.InHand != item)
            return;
        State = State with { InHand = null };
        if (State.Assignments.GetValueOrDefault(item.Key) is not { } assignment)
            return;
        if (item is WorkItem.Close)
        {
            State = State with { Assignments = State.Assignments.Remove(item.Key) };
            Answer(new Released(item.Key.Job, item.Key.Attempt, item.Step));
        }
        else if (!assignment.Closing)
            Finish(item, assignment, outcome);
    }

    /// <summary>The next item in the line, if the device is free.</summary>
    public void StartNext()
    {
        if (State.InHand is not null || State.Line.IsEmpty)
            return;
        State = State with { InHand = State.Line[0], Line = State.Line.RemoveAt(0) };
        Effects.Add(new WorkerEffect.Start(State.InHand!));
    }

    private void Assign(AssignmentKey key, Assign assign)
    {
        if (State.Assignments.GetValueOrDefault(key) is { } known)
        {
            if (known is { Ready: { } ready, Closing: false })
                Answer(ready);
            return;
        }
        // Its coordinator may be cut off, and what is said to that one would be waited for; another one has the job now.
        foreach (var earlier in State.Assignments.Keys.Where(other => other.Job == key.Job && other.Attempt < key.Attempt).ToArray())
            Release(earlier, 0);
        Set(key, Assignment.New);
        Queue(new WorkItem.Open(key, assign.Step, assign));
    }

    private void Work(AssignmentKey key, Assignment assignment, IRunMessage message)
    {
        switch (message)
        {
            case Initialise:
                QueueOnce(new WorkItem.VersionZero(key, message.Step));
                break;
            case StepWork work when work.Step >= assignment.Step:
                Step(key, assignment, work);
                break;
            case Evaluate evaluate when evaluate.Measurement >= assignment.Measurement:
                if (evaluate.Measurement > assignment.Measurement)
                    Drop(key, item => item is WorkItem.Batch);
                Set(key, assignment with { Measurement = evaluate.Measurement });
                if (!Waiting(key).OfType<WorkItem.Batch>().Any(batch => batch.Work.Measurement == evaluate.Measurement && batch.Work.Batch == evaluate.Batch))
                    Queue(new WorkItem.Batch(key, evaluate.Step, evaluate));
                break;
            case Export export:
                QueueOnce(new WorkItem.Files(key, export.Step));
                break;
        }
    }

    private void Step(AssignmentKey key, Assignment assignment, StepWork work)
    {
        if (work.Step > assignment.Step)
        {
            assignment = assignment.At(work.Step);
            Drop(key, item => item is WorkItem.Leaf or WorkItem.Sum or WorkItem.Batch);
        }
        int[] shards = [.. work.MicroBatches.Select(batch => batch.Shard)];
        if (!work.Again)
            assignment = assignment with { Due = assignment.Due.AddRange(DueSums.Covering(key, work.Step, work.Shards, shards).Except(assignment.Due)) };
        Set(key, assignment);
        foreach (var shard in shards)
            if (!work.Again && assignment.Kept.TryGetValue(shard, out var done))
                Answer(done);
            else if (!Waiting(key).OfType<WorkItem.Leaf>().Any(leaf => leaf.Step == work.Step && leaf.Shard == shard && leaf.Work.Again == work.Again))
                Queue(new WorkItem.Leaf(key, work.Step, work, shard));
        QueueDue(key);
    }

    private void Finish(WorkItem item, Assignment assignment, WorkOutcome outcome)
    {
        if (outcome is WorkOutcome.Broken broken)
            Break(item, assignment, broken);
        if (outcome is not WorkOutcome.Done done)
            return;
        switch (done.Answer)
        {
            case Ready ready:
                Set(item.Key, assignment with { Ready = ready });
                break;
            case LeafDone leaf when leaf.Step == assignment.Step && !assignment.Kept.ContainsKey(leaf.Shard):
                Set(item.Key, assignment with { Kept = assignment.Kept.Add(leaf.Shard, leaf) });
                break;
        }
        if (done.Answer is { } answer)
            Answer(answer);
        QueueDue(item.Key);
    }

    private void Break(WorkItem item, Assignment assignment, WorkOutcome.Broken broken)
    {
        if (item is WorkItem.Open)
            State = State with { Assignments = State.Assignments.Remove(item.Key) };
        if (item is WorkItem.Leaf leaf)
            Set(item.Key, assignment with { Due = DueSums.Without(assignment.Due, leaf) });
        foreach (var message in Failures.Of(item, broken))
            Answer(message);
        QueueDue(item.Key);
    }

    /// <summary>Due nodes whose leaves are all kept go into the line.</summary>
    private void QueueDue(AssignmentKey key)
    {
        if (State.Assignments.GetValueOrDefault(key) is not { } assignment)
            return;
        WorkItem.Sum[] whole = [.. assignment.Due.Where(sum => DueSums.Leaves(sum).All(assignment.Kept.ContainsKey))];
        Set(key, assignment with { Due = assignment.Due.RemoveRange(whole) });
        foreach (var sum in whole)
            QueueOnce(sum);
    }

    private IEnumerable<WorkItem> Waiting(AssignmentKey key) =>
        (State.InHand is { } inHand ? State.Line.Prepend(inHand) : State.Line).Where(item => item.Key == key);

    private void Drop(AssignmentKey key, Func<WorkItem, bool> dropped)
    {
        State = State with { Line = State.Line.RemoveAll(item => item.Key == key && dropped(item)) };
        if (State.InHand is { } inHand && inHand.Key == key && dropped(inHand))
            Effects.Add(new WorkerEffect.Stop());
    }

    /// <summary>Sums go before leaves that wait: the run is waiting for them, and they take no time.</summary>
    private void Queue(WorkItem item)
    {
        var place = item is WorkItem.Sum ? State.Line.FindIndex(waiting => waiting.Key == item.Key && waiting is WorkItem.Leaf) : -1;
        State = State with { Line = State.Line.Insert(place < 0 ? State.Line.Count : place, item) };
    }

    private void QueueOnce(WorkItem item)
    {
        if (!Waiting(item.Key).Contains(item))
            Queue(item);
    }

    private void Set(AssignmentKey key, Assignment assignment) =>
        State = State with { Assignments = State.Assignments.SetItem(key, assignment) };

    private void Answer(IRunMessage message) => Effects.Add(new WorkerEffect.Answer(message));
}
