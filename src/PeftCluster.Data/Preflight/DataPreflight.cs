using PeftCluster.Data.Chat;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Prompts;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Preflight;

/// <summary>
/// The check of a job's prepared data before any model loads. What cannot work is refused: tokens that the embedding does not have, a chat template whose
/// tokens the tokenizer takes apart (rows without any label are refused while they are prepared). What only looks wrong is a warning.
/// </summary>
public static class DataPreflight
{
    private const int Samples = 3;
    private const int SampleTokens = 300;

    /// <summary>What every submit asks: nothing that takes longer than a look at each token.</summary>
    /// <returns>The data, its report with a warning for each finding.</returns>
    /// <exception cref="BadInputException">The job is refused; the data is disposed.</exception>
    public static PreparedData Passed(JobSpec job, PreparedData data)
    {
        try
        {
            var findings = Findings(job, data);
            if (findings.Where(finding => finding.Severity == Severity.Refused).ToList() is [var first, .. var others])
                throw new BadInputException(others.Count == 0 ? first.Text : $"{first.Text} (There is more: peft data check says what.)");
            if (data.Eval is not null && job.Evaluation.Shots.Count > 0)
                DemonstrationDraw.Need(data.Train, job.Evaluation.Shots.Max());
            return data with { Report = data.Report with { Warnings = [.. data.Report.Warnings, .. findings.Select(finding => finding.Text)] } };
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Everything that can be said of the data.</summary>
    /// <exception cref="BadInputException">A file of the model's folder is damaged.</exception>
    public static PreflightReport Report(JobSpec job, PreparedData data)
    {
        var train = TrainOf(data);
        var findings = Findings(job, data)
            .Concat(data.Report.Warnings.Select(warning => new Finding(FindingKind.Preparation, Severity.Warning, warning)))
            .OrderByDescending(finding => finding.Severity).ToList();
        return new PreflightReport(
            PreflightReport.StatusOf(findings), Figures(train, data.Report.Train), HeldOutOf(job, data) is { } heldOut ? Figures(heldOut, data.Report.Eval!) : null,
            data.Eval is null ? null : data.Report.SharedPrompts, LengthHistogram.Of(data.Train, data.Eval), StepFigures.Of(job, data.Train),
            [.. Enumerable.Range(0, Math.Min(Samples, data.Train.Count)).Select(row => SampleRow.Of(train, row, data, SampleTokens))], findings)
        {
            LeftOut = data.Report.LeftOut,
            Choices = ChoiceFigures.Of(data.Task, train, HeldOutOf(job, data)),
        };
    }

    /// <summary>One row as the model gets it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="data">Its data.</param>
    /// <param name="heldOut">Whether it is a held-out row.</param>
    /// <param name="row">Its number, from 1.</param>
    /// <exception cref="BadInputException">There is no such row.</exception>
    public static SampleRow Row(JobSpec job, PreparedData data, bool heldOut, int row)
    {
        var set = heldOut ? HeldOutOf(job, data) ?? throw new BadInputException("--held-out: the job has no held-out rows. Add data.eval to it, or leave --held-out away.") : TrainOf(data);
        return row >= 1 && row <= set.Rows.Count
            ? SampleRow.Of(set, row - 1, data)
            : throw new BadInputException(FormattableString.Invariant($"--row: {row} is not in [1, {set.Rows.Count}]: {set.Key} has {set.Rows.Count:N0} rows."));
    }

    /// <summary>All findings about rows, tokenizer and template; the sets in turn.</summary>
    internal static IReadOnlyList<Finding> Findings(JobSpec job, PreparedData data)
    {
        var template = TemplateOf(job);
        var (marks, embedding) = (TemplateMarks.Of(template), ModelEmbedding.RowsOf(job.Model));
        var findings = new List<Finding>();
        foreach (var set in new[] { TrainOf(data), HeldOutOf(job, data) }.OfType<RowSet>())
        {
            IRowCheck[] checks =
            [
                new TemplateCheck(set, data.Tokenizer, template, marks), .. embedding is { } size ? [new EmbeddingCheck(set, data.Tokenizer, size)] : (IRowCheck[])[],
                new BeginCheck(set, data.Tokenizer), new EndCheck(set, data.Tokenizer, Ends(data, marks), job.Data.MaxLength),
            ];
            findings.AddRange(Run(set, checks));
            if (data.Task is { } task)
                findings.AddRange(ChoiceBalance.Findings(set, task));
        }
        if (embedding is { } rows && findings.All(finding => finding.Kind != FindingKind.BeyondEmbedding) && EmbeddingCheck.Unused(job.Model, data.Tokenizer, rows) is { } unused)
            findings.Add(unused);
        return findings;
    }

    /// <summary>
    /// The template that rows are rendered with; where they are no conversations, that of the model's folder, in which somebody may have written them. One
    /// that no row is rendered with and that cannot be read is no reason to refuse anything.
    /// </summary>
    private static ChatTemplate? TemplateOf(JobSpec job)
    {
        if (JobTemplate.Of(job) is { } used)
            return used;
        try
        {
            return ChatTemplateFiles.Load(job.Model);
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    internal static IEnumerable<Finding> Run(RowSet set, params IRowCheck[] checks)
    {
        for (var row = 0; row < set.Rows.Count; row++)
        {
            foreach (var check in checks)
                check.See(row, set.Rows.Tokens(row), set.Rows.Labelled(row));
        }
        return checks.SelectMany(check => check.Findings);
    }

    private static RowSet TrainOf(PreparedData data) => RowSet.Of("data.train", data.TrainPaths, data.Train);

    private static RowSet? HeldOutOf(JobSpec job, PreparedData data) => data.Eval is { } eval ? RowSet.Of(job.Data.Eval is null ? "data.eval_fraction" : "data.eval", data.EvalPaths, eval) : null;

    /// <summary>Tokens that end an answer: the model's own, and the one that the template ends a turn with.</summary>
    private static HashSet<int> Ends(PreparedData data, TemplateMarks marks) =>
    [
        .. data.Tokenizer.EndIds,
        .. marks.EndOfTurn is { } end && !TemplateMarks.IsSplit(end, data.Tokenizer) ? data.Tokenizer.Encode(end, addSpecialTokens: false) : [],
    ];

    private static SetFigures Figures(RowSet set, SetReport report)
    {
        var duplicates = DuplicateRows.Of(set.Rows);
        return new SetFigures(report, 1 - report.LabelledShare, duplicates.Rows,
            duplicates is { First: { } first, Earlier: { } earlier } ? $"{set.PlaceOf(first)} equals {set.PlaceOf(earlier)}" : null);
    }
}
