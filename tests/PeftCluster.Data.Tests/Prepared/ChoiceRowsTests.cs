using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>Rows with answer choices: what becomes of a data row under a task's templates.</summary>
public sealed class ChoiceRowsTests : IDisposable
{
    private readonly ChoiceJob _job = new ChoiceJob().Task(ChoiceJob.TwoTemplates);

    public void Dispose() => _job.Dispose();

    [Fact]
    public void An_example_is_a_row_under_each_template_with_every_choice_behind_the_prompt()
    {
        using var data = _job.Train(ChoiceJob.Row("p", "q", "no"), ChoiceJob.Row("r", "s", 0)).Eval(ChoiceJob.Row("t", "u", "1")).Prepare();

        // A space stands between, except behind white space.
        Assert.Equal(
            ["<bos>p?q| Y<eos>|* N<eos>", "<bos>q\n|yes<eos>|*no!<eos>", "<bos>r?s|* Y<eos>| N<eos>", "<bos>s\n|*yes<eos>|no!<eos>"],
            ChoiceJob.AllShown(data.Train));
        Assert.Equal(["<bos>t?u| Y<eos>|* N<eos>", "<bos>u\n|yes<eos>|*no!<eos>"], ChoiceJob.AllShown(data.Eval!));
        Assert.True(data.Train.HasChoices);
        Assert.Equal(2, data.Train.Variants);
        Assert.Equal([1, 1, 2, 2], Enumerable.Range(0, 4).Select(data.Train.Line));
    }

    [Fact]
    public void A_model_with_an_encoder_reads_the_prompt_with_its_end_and_answers_without_a_space()
    {
        using var data = _job.Encoder().Train(ChoiceJob.Row("p", "q", "no")).Prepare();

        Assert.Equal(["p?q<eos>|Y<eos>|*N<eos>", "q\n<eos>|yes<eos>|*no!<eos>"], ChoiceJob.AllShown(data.Train));
    }

    [Fact]
    public void A_tokenizer_that_puts_something_before_every_text_does_not_put_it_before_choices()
    {
        _job.Job.Model.Tokenizer["normalizer"] = new System.Text.Json.Nodes.JsonObject { ["type"] = "Prepend", ["prepend"] = "_" };
        _job.Job.Model.Write();
        using var data = _job.Train(ChoiceJob.Row("p", "q", "no"), ChoiceJob.Row("p", "👋", "no")).Prepare();

        Assert.Equal(
            ["<bos>_p?q| Y<eos>|* N<eos>", "<bos>_q\n|yes<eos>|*no!<eos>", "<bos>_p?👋| Y<eos>|* N<eos>", "<bos>_👋\n|yes<eos>|*no!<eos>"],
            ChoiceJob.AllShown(data.Train));
    }

    [Fact]
    public void Where_a_token_would_cover_prompt_and_choice_the_choice_is_encoded_alone()
    {
        var task = ChoiceJob.TwoTemplates.Replace("{{b}}\\n", "{{b}} ", StringComparison.Ordinal).Replace("yes, \"no!\"", "w, x", StringComparison.Ordinal);
        using var data = _job.Task(task).Train(ChoiceJob.Row("p", "q", "no")).Prepare(spec => spec with { Templates = ["two"] });

        Assert.Equal(["<bos>q |w<eos>|*x<eos>"], ChoiceJob.AllShown(data.Train));
    }

    [Fact]
    public void Lengths_count_the_longest_choice_and_labels_the_right_and_the_wrong_ones()
    {
        using var data = _job.Encoder().Train(ChoiceJob.Row("p", "q", "no"), ChoiceJob.Row("p", "q", "yes")).Prepare();

        Assert.Equal([4 + 2, 3 + 4, 4 + 2, 3 + 4], Enumerable.Range(0, 4).Select(data.Train.Length));
        Assert.Equal([2, 4, 2, 4], Enumerable.Range(0, 4).Select(data.Train.Labels));
        Assert.Equal([2, 4, 2, 4], Enumerable.Range(0, 4).Select(data.Train.WrongLabels));
        Assert.Equal([4, 3, 4, 3], Enumerable.Range(0, 4).Select(data.Train.PromptLength));
        Assert.Equal("no!<eos>", TinyModel.TextOf(data.Train.Completion(1)));
    }

    [Fact]
    public void A_prompt_that_is_too_long_loses_its_own_last_tokens_and_no_choice_is_cut()
    {
        using var data = _job.Encoder().Train(ChoiceJob.Row("1234567", "89", "no")).Prepare(spec => spec with { MaxLength = 8 });

        Assert.Equal(["12345<eos>|Y<eos>|*N<eos>", "89\n<eos>|yes<eos>|*no!<eos>"], ChoiceJob.AllShown(data.Train));
        Assert.Equal(1, data.Report.Train.Truncated);
        Assert.Equal(8, data.Report.Train.Longest);
    }

    [Fact]
    public void An_example_is_left_out_as_a_whole()
    {
        using var data = _job.Train(ChoiceJob.Row("1234567890", "q", "no"), ChoiceJob.Row("p", "q", "no")).Prepare(spec => spec with { MaxLength = 10, OnTooLong = OnTooLong.Skip });

        Assert.Equal(["<bos>p?q| Y<eos>|* N<eos>", "<bos>q\n|yes<eos>|*no!<eos>"], ChoiceJob.AllShown(data.Train));
        Assert.Equal(1, data.Report.Train.AllLeftOut);
    }

    [Fact]
    public void Only_the_named_templates_are_used_in_the_order_they_are_named()
    {
        using var data = _job.Train(ChoiceJob.Row("p", "q", "no")).Prepare(spec => spec with { Templates = ["two", "one"] });

        Assert.Equal(["<bos>q\n|yes<eos>|*no!<eos>", "<bos>p?q| Y<eos>|* N<eos>"], ChoiceJob.AllShown(data.Train));
        Assert.Equal(["two", "one"], data.Task!.Templates.Select(template => template.Name));
    }

    [Fact]
    public void The_rows_of_an_example_are_in_one_shard_and_a_far_machine_knows_which()
    {
        using var data = _job.Train(ChoiceJob.Rows(7)).Prepare();

        foreach (var shard in DealtRows.Of(data.Train.Count, 2, 3, seed: 7))
            Assert.All(shard.Chunk(2), rows => Assert.Equal([rows[0], rows[0] + 1], rows));
        Assert.Equal(Enumerable.Range(0, 14), DealtRows.Of(14, 2, 3, seed: 7).SelectMany(rows => rows).Order());
    }

    [Fact]
    public async Task Rows_that_were_fetched_are_the_rows_that_were_prepared()
    {
        using var data = _job.Train(ChoiceJob.Rows(7)).Eval(ChoiceJob.Rows(2)).Prepare();
        var store = new MemoryStore();
        await LocalFile.PushAsync(data.Files, store, CancellationToken.None);

        var cache = new PreparedCache(Path.Combine(_job.Job.Model.Folder, "far"));
        using var far = await cache.OpenAsync(_job.Spec(), data.Reference, store, CancellationToken.None);
        await far.NeedTrainRowsAsync(Enumerable.Range(0, 14), store, CancellationToken.None);
        await far.NeedHeldOutAsync(store, CancellationToken.None);

        Assert.Equal(ChoiceJob.AllShown(data.Train), ChoiceJob.AllShown(far.Train));
        Assert.Equal(ChoiceJob.AllShown(data.Eval!), ChoiceJob.AllShown(far.HeldOut!));
        var (index, _) = await cache.IndexesAsync(data.Reference, store, CancellationToken.None);
        Assert.Equal((true, 2), (index.HasChoices, index.Variants));
        Assert.Equal(Enumerable.Range(0, 14).Select(data.Train.WrongLabels), Enumerable.Range(0, 14).Select(index.WrongLabels));
    }

    [Fact]
    public void Another_template_is_other_prepared_data_and_another_name_or_place_of_the_task_is_not()
    {
        _job.Train(ChoiceJob.Rows(3));
        using var data = _job.Prepare();
        var elsewhere = Path.Combine(_job.Job.Model.Folder, "elsewhere.yaml");
        File.WriteAllText(elsewhere, "name: other\nabout: the same\n" + ChoiceJob.TwoTemplates);
        using var same = _job.Prepare(spec => spec with { Task = elsewhere });
        using var fewer = _job.Prepare(spec => spec with { Templates = ["one"] });
        using var other = _job.Task(ChoiceJob.TwoTemplates.Replace("N]", "No]", StringComparison.Ordinal)).Prepare();

        Assert.Equal(data.InputKey, same.InputKey);
        Assert.Equal(3, new[] { data.InputKey, fewer.InputKey, other.InputKey }.Distinct().Count());
    }
}
