using PeftCluster.Jobs.Spec;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>Files that cannot be a job, and paths in a job that lead nowhere.</summary>
public sealed class FileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("peft-jobs-").FullName;

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    private static string Refusal(Action action) => Assert.Throws<BadInputException>(action).Message;

    [Fact]
    public void A_missing_file_is_refused() =>
        Assert.Equal($"{PathOf("no.yaml")}: no such file.", Refusal(() => JobFile.Load(PathOf("no.yaml"))));

    [Fact]
    public void A_folder_is_refused() => Assert.Equal(
        $"{_folder}: is a folder. Name the job file in it, for example {_folder}/job.yaml.", Refusal(() => JobFile.Load(_folder)));

    [Fact]
    public void A_file_above_the_limit_is_refused_and_one_at_the_limit_is_read()
    {
        var most = new string(' ', JobFile.LargestFile - Jobs.Text.Length - 2);
        var small = Write("small.yaml", System.Text.Encoding.UTF8.GetBytes($"{Jobs.Text}\n#{most}"));
        var large = Write("large.yaml", System.Text.Encoding.UTF8.GetBytes($"{Jobs.Text}\n#{most} "));

        Assert.Equal("support-tone", JobFile.Load(small).Name);
        Assert.Equal($"{large}: larger than 1,000,000 bytes, the most that a job file may have. Is it one?", Refusal(() => JobFile.Load(large)));
    }

    [Fact]
    public void A_file_that_is_no_text_is_refused()
    {
        var path = Write("binary.yaml", [0x61, 0x3a, 0xff, 0xfe]);

        Assert.Equal($"{path}: not UTF-8 text. Save it as UTF-8.", Refusal(() => JobFile.Load(path)));
    }

    [Fact]
    public void Each_path_that_leads_nowhere_is_refused_by_its_key()
    {
        var job = JobFile.Parse(Jobs.Text, "job.yaml", _folder, []);
        var checks = new List<string>();

        checks.Add(Refusal(() => JobFile.CheckPaths(job)));
        Directory.CreateDirectory(PathOf("base"));
        checks.Add(Refusal(() => JobFile.CheckPaths(job)));
        Write("train.jsonl", []);
        checks.Add(Refusal(() => JobFile.CheckPaths(job)));
        Write("heldout.jsonl", []);
        JobFile.CheckPaths(job);

        Assert.Equal(
        [
            $"model: {_folder}/base: no such folder. It has to hold config.json, *.safetensors and tokenizer.json.",
            $"data.train: {_folder}/train.jsonl: no such file.",
            $"data.eval: {_folder}/heldout.jsonl: no such file.",
        ], checks);
    }

    [Fact]
    public void Rows_may_come_from_a_folder_or_by_a_pattern_and_each_entry_is_looked_for()
    {
        Directory.CreateDirectory(PathOf("base"));
        Directory.CreateDirectory(PathOf("rows"));
        var job = JobFile.Parse("model: base\ndata: {train: [rows, 'rows/*.jsonl', more.jsonl]}\nmethod: {type: lora}", "job.yaml", _folder, []);

        Assert.Equal($"data.train: {_folder}/more.jsonl: no such file.", Refusal(() => JobFile.CheckPaths(job)));
        Write("more.jsonl", []);
        JobFile.CheckPaths(job);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
