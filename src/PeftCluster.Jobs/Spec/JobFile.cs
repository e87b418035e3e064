using System.Globalization;
using PeftCluster.Jobs.Spec.Keys;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// A job.yaml: read once into a <see cref="JobSpec"/> that needs no further check, and written back with every default.
/// Reading looks at the text only; whether its files exist is <see cref="CheckPaths"/>, so that a dry run stays pure.
/// </summary>
public static class JobFile
{
    /// <summary>The most bytes of a file.</summary>
    public const int LargestFile = YamlFile.Largest;

    private const string Header = "# yaml-language-server: $schema=job.schema.json\n";

    /// <summary>Reads a file and puts overrides over it.</summary>
    /// <param name="path">The file; relative to the current folder, as are the paths in it.</param>
    /// <param name="overrides">Values of <c>--set</c>, each <c>training.learning_rate=1e-4</c>; the last one for a key wins.</param>
    /// <param name="plugins">Opens the job's plugins; null: what only they know stays unread.</param>
    /// <exception cref="BadInputException">The file cannot be read, or says something that is not allowed: place, key, limit and remedy in one line.</exception>
    public static JobSpec Load(string path, IReadOnlyList<string>? overrides = null, IPluginHost? plugins = null) =>
        Parse(YamlFile.ReadText(path, "job"), path, Environment.CurrentDirectory, overrides ?? [], plugins);

    /// <summary>As <see cref="Load"/>, of a text that is already here.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="file">The file's path as errors show it; it gives the job its name if the text does not.</param>
    /// <param name="currentFolder">The absolute folder that relative paths start from.</param>
    /// <param name="overrides">As in <see cref="Load"/>.</param>
    /// <param name="plugins">As in <see cref="Load"/>.</param>
    public static JobSpec Parse(string text, string file, string currentFolder, IReadOnlyList<string> overrides, IPluginHost? plugins = null)
    {
        if (YamlTree.OfFile(text, file) is not MapNode written)
            throw new BadInputException($"{file}: expected the keys of a job. The shortest has model, data and method.");
        var (words, named) = JobWords.Of(Overrides.Apply(written, overrides), currentFolder, plugins);
        var root = FillIn(named, Path.GetFullPath(file, currentFolder), words);
        var job = (JobSpec)JobKeys.Root.Read(root, "", new ReadingContext(currentFolder, words));
        CrossChecks.Check(job, root, words);
        return job;
    }

    /// <summary>The job as YAML with every default written out; <see cref="Parse"/> reads an equal job from it.</summary>
    public static string Write(JobSpec job) => Header + YamlText.Write((MapNode)JobKeys.Root.Write(job));

    /// <summary>Whether what the job reads exists: the model's folder, and the files of its data.</summary>
    /// <exception cref="BadInputException">Something does not; the line names its key and the path.</exception>
    public static void CheckPaths(JobSpec job)
    {
        if (!Directory.Exists(job.Model))
            throw new BadInputException($"model: {job.Model}: no such folder. It has to hold config.json, *.safetensors and tokenizer.json.");
        CheckSources("data.train", job.Data.Train);
        if (job.Data.Eval is { } eval)
            CheckSources("data.eval", eval);
        if (job.Data.ChatTemplate is { } template && Path.IsPathFullyQualified(template) && !File.Exists(template))
            throw new BadInputException($"data.chat_template: {template}: no such file.");
        if (job.Data.Task is { } task && Path.IsPathFullyQualified(task) && !File.Exists(task))
            throw new BadInputException($"data.task: {task}: no such file.");
    }

    /// <summary>What a pattern matches is looked up when the rows are read.</summary>
    private static void CheckSources(string key, DataSources sources)
    {
        foreach (var source in sources.Entries)
        {
            if (!source.IsPattern && !File.Exists(source.Path) && !Directory.Exists(source.Path))
                throw new BadInputException($"{key}: {source.Path}: no such file.");
        }
    }

    /// <summary>The keys whose defaults come from elsewhere: the name from the file, the output folder from the name, the learning rate from the method.</summary>
    private static MapNode FillIn(MapNode root, string fullPath, JobWords words)
    {
        root = WithDefault(root, "name", new ScalarNode(root.Place, NameFrom(fullPath)));
        if (root.Get("name") is not ScalarNode name)
            return root; // Of the wrong kind: reading the keys says so.
        root = WithLearningRate(root, words);
        root = WithDefault(root, "output", new MapNode(root.Place, []));
        return root.Get("output") is MapNode output
            ? root.With(new MapEntry(root.Place, "output", WithDefault(output, "folder", new ScalarNode(root.Place, $"runs/{name.Text}"))))
            : root;
    }

    private static MapNode WithLearningRate(MapNode root, JobWords words)
    {
        if (root.Get("method") is not MapNode method || method.Get("type") is not ScalarNode type || !words.Methods.TryGetValue(type.Text, out var record))
            return root; // Reading the keys says what is wrong.
        root = WithDefault(root, "training", new MapNode(root.Place, []));
        if (root.Get("training") is not MapNode training || training.Get("learning_rate") is not null)
            return root;
        var rate = ((MethodSpec)Activator.CreateInstance(record)!).DefaultLearningRate.ToString("R", CultureInfo.InvariantCulture);
        return root.With(new MapEntry(root.Place, "training", training.With(new MapEntry(training.Place, "learning_rate", new ScalarNode(training.Place, rate)))));
    }

    private static MapNode WithDefault(MapNode section, string key, YamlNode value) =>
        section.Get(key) is null or ScalarNode { IsNull: true } ? section.With(new MapEntry(section.Place, key, value)) : section;

    /// <summary>job.yaml takes its folder's name, any other file its own; what a name may not hold becomes a hyphen.</summary>
    private static string NameFrom(string fullPath)
    {
        var file = Path.GetFileNameWithoutExtension(fullPath);
        var source = file.Equals("job", StringComparison.OrdinalIgnoreCase)
            ? Path.GetFileName(Path.GetDirectoryName(fullPath) ?? "")
            : file;
        var name = string.Concat(source.Select(character => char.IsLetterOrDigit(character) || character is '.' or '_' or '-' ? character : '-'));
        name = name.Trim('.', '_', '-');
        return name.Length == 0 ? "job" : name.Length <= 100 ? name : name[..100];
    }
}
