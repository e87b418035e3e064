using System.Globalization;
using PeftCluster.Jobs.Spec.Keys;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec.Comparison;

/// <summary>
/// A compare.yaml: what all jobs share (<c>job</c>), the base in its prompts (<c>prompting</c>) and trained arms (<c>methods</c>). Every job of every seed is put
/// together and checked at once, as if it stood in a file of its own; what is wrong is told with its place in this one.
/// </summary>
public static class ComparisonFile
{
    private const string Name = "name", Job = "job", Prompting = "prompting", Methods = "methods", Seeds = "seeds", Output = "output";

    private static readonly string[] Known = [Name, Job, Prompting, Methods, Seeds, Output];

    // What a job has no say in here.
    private static readonly string[] Ruled = ["training.seed", "data.examples_seed", "evaluation.demonstrations_seed"];
    private static readonly string[] OfComparison = [Name, Output];
    private static readonly string[] HeldOut = ["data.eval", "data.eval_fraction"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; relative to the current folder, as are the paths in it.</param>
    /// <param name="overrides">Values of <c>--set</c>, as job.yaml has them, for all jobs.</param>
    /// <param name="seeds">Seeds in the place of the file's; null: the file's.</param>
    /// <param name="folder">The folder in the place of the file's; null: the file's.</param>
    /// <param name="plugins">Opens the jobs' plugins; null: what only they know stays unread.</param>
    /// <exception cref="BadInputException">The file cannot be read, or says something that is not allowed: place, key, limit and remedy in one line.</exception>
    public static ComparisonSpec Load(string path, IReadOnlyList<string>? overrides = null, IReadOnlyList<int>? seeds = null, string? folder = null, IPluginHost? plugins = null) =>
        Parse(YamlFile.ReadText(path, "compare"), path, Environment.CurrentDirectory, overrides ?? [], seeds, folder, plugins);

    /// <summary>As <see cref="Load"/>, of a text that is already here.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="file">The file's path as errors show it.</param>
    /// <param name="currentFolder">The absolute folder that relative paths start from.</param>
    /// <param name="overrides">As in <see cref="Load"/>.</param>
    /// <param name="seeds">As in <see cref="Load"/>.</param>
    /// <param name="folder">As in <see cref="Load"/>.</param>
    /// <param name="plugins">As in <see cref="Load"/>.</param>
    public static ComparisonSpec Parse(
        string text, string file, string currentFolder, IReadOnlyList<string> overrides, IReadOnlyList<int>? seeds = null, string? folder = null, IPluginHost? plugins = null)
    {
        if (YamlTree.OfFile(text, file) is not MapNode root)
            throw new BadInputException($"{file}: expected the keys of a comparison. The shortest has job and methods.");
        foreach (var entry in root.Entries.Where(entry => !Known.Contains(entry.Key)))
            throw entry.Place.Error(entry.Key, $"unknown key.{(Nearest.Hint(entry.Key, Known) is { Length: > 0 } hint ? hint : $" Known here: {string.Join(", ", Known)}.")}");
        var reading = new Reading(file, currentFolder, overrides, plugins);
        var name = root.Get(Name) is { } given ? (string)reading.JobKey(Name, given) : JobFile.NameFrom(Path.GetFullPath(file, currentFolder));
        folder = Path.GetFullPath(folder ?? (root.Get(Output) is { } output ? ((OutputSpec)reading.JobKey(Output, output)).Folder : $"runs/{name}"), currentFolder);
        var common = Section(root, Job);
        CheckRuled(common, $"{Job}.");
        var arms = Arms(root, common, reading);
        var chosen = seeds ?? (root.Get(Seeds) is { } written ? SeedList.Read(written, Seeds) : [0, 1, 2, 3, 4]);
        return new ComparisonSpec(name, folder, [.. chosen.SelectMany(seed => arms.Select(arm => arm.For(seed, name, folder, reading)))]);
    }

    private static void CheckRuled(MapNode keys, string before)
    {
        foreach (var key in Ruled.Where(key => keys.Find(key) is not null))
            throw keys.Find(key)!.Place.Error(before + key, "a comparison's seeds set it. Remove it here, and name seeds: 0-4, or --seeds.");
        foreach (var key in OfComparison.Where(key => keys.Find(key) is not null))
            throw keys.Find(key)!.Place.Error(before + key, $"each job gets its own from the comparison's {key}. Write it at the file's top.");
    }

    private static List<Arm> Arms(MapNode root, MapNode common, Reading reading)
    {
        var arms = new List<Arm>();
        if (root.Get(Methods) is not (ListNode { Items.Count: > 0 } or null))
            throw root.Get(Methods)!.Place.Error(Methods, "expected a list of arms, each with the keys of a job that are its own, for example [{method: {type: lora}}].");
        foreach (var item in (root.Get(Methods) as ListNode)?.Items ?? [])
        {
            var own = item as MapNode ?? throw item.Place.Error(Methods, $"expected the keys of a job that are this arm's own, found {item.Found}.");
            CheckRuled(own.Without(Name), "");
            var arm = new Arm(NameOf(own, common), Overrides.Apply(common.Overlaid(own.Without(Name)), reading.Overrides), 0);
            if (arms.Any(other => other.Name == arm.Name))
                throw own.Place.Error(Methods, $"two arms are named {arm.Name}. Give one another name.");
            arms.Add(arm);
        }
        if (root.Get(Prompting) is { } prompting and not ScalarNode { IsNull: true })
            arms.InsertRange(0, Prompts((PromptingSpec)SectionType.Of(typeof(PromptingSpec)).Read(prompting, Prompting, reading.Context), arms.FirstOrDefault()?.Keys ?? Overrides.Apply(common, reading.Overrides)));
        if (arms.Any(arm => !HeldOut.Any(key => arm.Keys.Find(key) is not (null or ScalarNode { IsNull: true }))))
            throw root.Get(Job)!.Place.Error($"{Job}.data", "a comparison measures on held-out rows, and there are none. Add eval or eval_fraction.");
        return arms.Count > 0 ? arms : throw root.Place.Error(Methods, "nothing is compared. Add methods, or prompting.");
    }

    /// <summary>The base's arms: with right examples, and with wrong ones. Which method the keys name is all one: nothing is trained.</summary>
    private static IEnumerable<Arm> Prompts(PromptingSpec prompting, MapNode keys)
    {
        int[] shots = [.. prompting.Shots.Append(0).Distinct().Order()];
        yield return new Arm("", Measuring(keys, shots, 0), 0);
        if (prompting.WrongLabels > 0 && shots.Length > 1)
            yield return new Arm("", Measuring(keys, shots[1..], prompting.WrongLabels), prompting.WrongLabels);
    }

    private static MapNode Measuring(MapNode keys, int[] shots, double wrong)
    {
        // A job names a method even where nothing is trained.
        string[] method = keys.Get("method") is null ? ["method.type=ia3"] : [];
        // Of training only what says how many workers help; the rest could contradict a job of no steps.
        var batches = (keys.Get("training") as MapNode)?.Get("micro_batches") is { } written ? [$"training.micro_batches={((ScalarNode)written).Text}"] : Array.Empty<string>();
        return Overrides.Apply(keys.Without("training"),
            [.. method, .. batches, "training.max_steps=0", $"evaluation.shots=[{string.Join(", ", shots)}]", .. wrong > 0 ? [string.Create(CultureInfo.InvariantCulture, $"evaluation.wrong_labels={wrong:R}")] : Array.Empty<string>()]);
    }

    private static string NameOf(MapNode own, MapNode common) =>
        own.Get(Name) is ScalarNode { IsNull: false } name ? name.Text
        : own.Find("method.type") is ScalarNode type ? type.Text
        : common.Find("method.type") is ScalarNode shared ? shared.Text : "method";

    private static MapNode Section(MapNode root, string key) => root.Get(key) switch
    {
        MapNode section => section,
        null => throw root.Place.Error(key, "missing. It has what all jobs share: model, data, and whatever else a job.yaml may say."),
        var other => throw other.Place.Error(key, $"expected a section of keys, found {other.Found}."),
    };

    /// <summary>How a file's jobs are read.</summary>
    private sealed record Reading(string File, string CurrentFolder, IReadOnlyList<string> Overrides, IPluginHost? Plugins)
    {
        public ReadingContext Context => new(CurrentFolder, JobWords.BuiltIn);

        /// <summary>A key that means what it means in a job.</summary>
        public object JobKey(string name, YamlNode node) => JobKeys.Root.Keys.First(key => key.Name == name).Read(node, name, Context)!;
    }

    private sealed record Arm(string Name, MapNode Keys, double WrongLabels)
    {
        public ComparedJob For(int seed, string comparison, string folder, Reading reading)
        {
            var label = Name.Length > 0 ? Name : WrongLabels > 0 ? "prompting-wrong" : "prompting";
            var keys = Overrides.Apply(Keys,
                [.. Ruled.Where(key => key != "data.examples_seed" || DrawsExamples).Select(key => string.Create(CultureInfo.InvariantCulture, $"{key}={seed}"))]);
            // An arm is measured when it is trained; the base before it is prompting's.
            if (Name.Length > 0)
                keys = Overrides.Apply(keys, ["evaluation.shots=[]", .. keys.Find("training.eval_steps") is null ? ["training.eval_steps=10000000"] : Array.Empty<string>()]);
            var job = JobFile.Read(keys.With(new MapEntry(default, "name", new ScalarNode(default, JobFile.NameOf($"{comparison}-{label}-{seed}"), Quoted: true))), reading.File, reading.CurrentFolder, [], reading.Plugins);
            // Another job of the same name is another run.
            var run = string.Create(CultureInfo.InvariantCulture, $"{JobFile.NameOf(label)}-seed-{seed}-{JobDigest.Of(job)[..8]}");
            return new ComparedJob(Name, seed, WrongLabels, job with { Output = new OutputSpec { Folder = Path.Combine(folder, "runs", run) } });
        }

        private bool DrawsExamples => Keys.Find("data.train_examples") is not null || Keys.Find("data.shuffle_labels") is not null;
    }
}
