using CsCheck;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Plugins;

namespace PeftCluster.Jobs.Tests.Spec;

/// <summary>Random jobs that are all valid, with awkward texts and numbers among them.</summary>
internal static class JobGen
{
    /// <summary>Texts that YAML could take for something else, beside ordinary ones.</summary>
    private static readonly Gen<string> Word = Gen.OneOf(
        Gen.OneOf("null", "~", "true", "NO", "1e3", "0x1F", "- a", "a: b", "#x", "'", "\"", "\\n", "[a]", "{a}", "*a", "&a", "!a", "%", "é ü", "日本", "😀", " a ", "x:", "..."),
        Gen.String[Gen.Char[' ', '~'], 1, 20]);

    private static readonly Gen<string> PathText = Word.Select(word => "/data/" + word.Replace('/', '-')).Where(path => Path.GetFullPath(path) == path);

    private static readonly Gen<string> Module = Gen.OneOf("q_proj", "model.layers.0.mlp.up_proj", "null", "1e3", "true", "v.1", "-");

    private static readonly Gen<ValueList<string>?> Targets = Gen.OneOf(
        Gen.Const((ValueList<string>?)null),
        Gen.Const((ValueList<string>?)["all-linear"]),
        Gen.Const((ValueList<string>?)[@".*\.(q|v)_proj"]),
        Module.HashSet[1, 4].Select(names => (ValueList<string>?)new ValueList<string>(names)));

    private static readonly Gen<ValueList<string>?> Excluded = Targets.Where(names => names is not ["all-linear"]);

    private static readonly Gen<DataSources> Sources = Gen.Select(PathText.HashSet[1, 4], Above0(1000), Gen.Int[0, 2]).Select((paths, number, kind) =>
        new DataSources(new ValueList<DataSource>(paths.Select(path => new DataSource { Path = path, Weight = kind == 1 ? number : null, Epochs = kind == 2 && path.Length % 2 == 0 ? number : null }))));

    private static readonly Gen<DataSpec> Data = Gen.Select(
        Gen.Select(Sources, Sources.Null(), Gen.Double[0.001, 0.999], Gen.Long[0, long.MaxValue]), Gen.Enum<DataFormat>(), Gen.Enum<PromptTemplate>(), Gen.Select(Gen.Int[8, 131072], Gen.Int[1, 8]),
        Gen.Select(Gen.Enum<OnTooLong>(), Gen.Enum<OnEmpty>(), Gen.Enum<OnBadRow>()), Gen.Bool, Gen.Select(Word.Where(word => word.Trim().Length > 0), Gen.OneOf<string?>(null, "model", "chatml", "null", "/a/b c.jinja"), Gen.Enum<LossOn>()),
        (sources, format, template, length, policies, flag, texts) => new DataSpec
        {
            Train = sources.Item1,
            Eval = sources.Item2,
            EvalFraction = sources.Item2 is null && flag ? sources.Item3 : null,
            SplitSeed = sources.Item2 is null && flag ? sources.Item4 : 0,
            Format = format,
            Columns = flag ? [new("prompt", texts.Item1), new("completion", "b")] : null,
            Template = template,
            MaxLength = length.Item1,
            MinLength = length.Item2,
            DropDuplicates = flag,
            OnTooLong = policies.Item1,
            OnEmpty = policies.Item2,
            OnBadRow = policies.Item3,
            ChatTemplate = format is DataFormat.Text or DataFormat.Choices ? null : texts.Item2,
            LossOn = format == DataFormat.Choices ? LossOn.LastTurn : texts.Item3,
            Packing = flag && format != DataFormat.Choices,
            Task = format == DataFormat.Choices ? (flag ? "/tasks/own one.yaml" : "rte") : null,
            Templates = format == DataFormat.Choices && flag ? ["null", "1e3", "a b.c"] : null,
            TrainExamples = sources.Item1.IsPlain ? length.Item1 : null,
            ExamplesSeed = sources.Item4,
            Balanced = format == DataFormat.Choices && flag && sources.Item1.IsPlain,
            ShuffleLabels = format == DataFormat.Choices && flag,
        });

    private static readonly Gen<MethodSpec> Ia3 = Gen.Select(
        Targets, Excluded, Gen.Bool, Gen.Bool,
        (targets, excluded, named, ones) => (MethodSpec)new Ia3Spec
        {
            TargetModules = targets,
            ExcludeModules = excluded,
            FeedforwardModules = !named ? null : targets is { Count: > 1 } ? [targets[0]] : [],
            InitIa3Weights = ones,
            InitialAdapter = ones && named ? "/adapters/a b" : null,
        });

    private static readonly Gen<MethodSpec> TFew = Gen.OneOf<string?>(null, "/adapters/ia3").Select(folder => (MethodSpec)new TFewSpec { InitialAdapter = folder });

    private static readonly Gen<MethodSpec> Lora = Gen.Select(
        Gen.Select(Gen.Int[1, 4096], Above0(65536), Gen.Double[0, 0.999], Gen.Bool, Gen.Bool),
        Gen.Select(Targets, Excluded, Gen.Int[0, 9999].HashSet[0, 3]),
        Gen.Select(Patterns(Gen.Int[1, 4096]), Patterns(Above0(65536)), Gen.OneOf("default", "gaussian", "pissa", "pissa_niter_16", "olora"), Above0(10000)),
        (a, b, c) => (MethodSpec)new LoraSpec
        {
            R = a.Item1,
            LoraAlpha = a.Item2,
            LoraDropout = a.Item3,
            UseRslora = a.Item4,
            UseDora = a.Item5,
            InitLoraWeights = a.Item5 ? "default" : c.Item3,
            LoraplusLrRatio = a.Item5 ? c.Item4 : null,
            LoraplusEmbeddingRatio = c.Item4,
            TrainableTokenIndices = b.Item3.Count == 0 ? null : new ValueList<int>(b.Item3),
            Bias = (LoraBias)(a.Item1 % 3),
            LoraBias = a is { Item4: true, Item5: false } && c.Item3 == "default",
            ModulesToSave = ModuleNames.IsPattern(b.Item2) ? null : b.Item2,
            TargetModules = b.Item1,
            ExcludeModules = b.Item2,
            LayersToTransform = b.Item3.Count == 0 || ModuleNames.IsPattern(b.Item1) ? null : new ValueList<int>(b.Item3),
            LayersPattern = b.Item3.Count == 0 || ModuleNames.IsPattern(b.Item1) ? null : b.Item3.Count == 1 ? ["null"] : a.Item4 ? ["layers", "1e3"] : null,
            RankPattern = c.Item1,
            AlphaPattern = c.Item2,
        });

    private static readonly Gen<MethodSpec> Prompts = Gen.Select(
        Gen.Int[1, 4096], Gen.Int[1, 65_536], Gen.Bool, Gen.Enum<PromptTuningInit>(), Word,
        (tokens, width, flag, start, text) => (tokens % 3) switch
        {
            0 => (MethodSpec)new PromptTuningSpec { NumVirtualTokens = tokens, PromptTuningInit = start, PromptTuningInitText = start == PromptTuningInit.Text ? text : null },
            1 => new PTuningSpec { NumVirtualTokens = tokens, EncoderHiddenSize = flag ? width : null, ModulesToSave = flag ? ["lm_head"] : null },
            _ => new PrefixTuningSpec { NumVirtualTokens = tokens, PrefixProjection = flag, EncoderHiddenSize = flag ? width : null, InitWeights = flag ? PrefixInit.Normal : PrefixInit.Zero },
        });

    private static readonly Gen<MethodSpec> Changes = Gen.Select(
        Gen.Select(Gen.Int[1, 4096], Above0(65536), Gen.Int[-1, 65536], Gen.Bool, Gen.Double[0, 0.999]), Gen.Select(Targets, Excluded, Patterns(Gen.Int[1, 4096]), Patterns(Above0(65536))), Gen.Int[0, 3],
        (a, b, kind) => (MethodSpec)(kind switch
        {
            0 => new LohaSpec { R = a.Item1, Alpha = a.Item2, RankDropout = a.Item5, ModuleDropout = a.Item5 / 2, ModulesToSave = a.Item4 ? ["lm_head"] : null, TargetModules = b.Item1, ExcludeModules = b.Item2, RankPattern = b.Item3, AlphaPattern = b.Item4 },
            1 => new LokrSpec { R = a.Item1, Alpha = a.Item2, RankDropout = a.Item5, RankDropoutScale = a.Item4, ModuleDropout = a.Item5 / 3, DecomposeFactor = a.Item3, DecomposeBoth = a.Item4, TargetModules = b.Item1, ExcludeModules = b.Item2, RankPattern = b.Item3 },
            3 => new AdaloraSpec
            {
                InitR = a.Item1,
                TargetR = Math.Max(1, a.Item1 / 2),
                LoraAlpha = a.Item2,
                LoraDropout = a.Item5,
                DeltaT = a.Item1,
                TargetModules = b.Item1,
                ExcludeModules = b.Item2,
                Tinit = a.Item1,
                Tfinal = a.Item4 ? 0 : 7,
                TotalStep = a.Item4 ? 9000 : null,
                OrthRegWeight = a.Item5 + 0.1,
                Beta1 = (a.Item5 + 0.001) / 2,
            },
            _ => new VeraSpec { R = a.Item1, DInitial = Math.Min(a.Item2, 1000), VeraDropout = a.Item5, TargetModules = b.Item1, ProjectionPrngKey = a.Item3 + 1, SaveProjection = a.Item4 },
        }));

    private static readonly Gen<MethodSpec> Bottleneck = Gen.Select(
        Gen.Enum<BottleneckPreset>(), Above0(65_536), Gen.Enum<BottleneckActivation>(), Gen.Bool, Gen.Double[0, 0.999], Gen.Int[0, 9999].HashSet[0, 4],
        (preset, number, activation, flag, dropout, layers) => (MethodSpec)new BottleneckSpec
        {
            Config = preset,
            ReductionFactor = flag ? number : null,
            NonLinearity = flag ? activation : null,
            Scaling = flag ? null : number,
            IsParallel = flag ? null : true,
            Dropout = dropout,
            LeaveOut = new ValueList<int>(layers),
        });

    private static readonly Gen<MethodSpec> Method = Gen.OneOf(Lora, Ia3, TFew, Prompts, Changes, Bottleneck, Gen.OneOf((MethodSpec)new BitFitSpec(), new FullSpec(), new TrainableTokensSpec { TokenIndices = [7, 3] }));

    private static readonly Gen<TrainingSpec> Training = Gen.Select(
        Gen.Select(Above0(10), Above0(10000), Gen.Int[1000, 10_000_000], Gen.Bool, Gen.Int[1, 4096], Gen.Int[1, 1024]),
        Gen.Select(Gen.Enum<LrSchedulerType>(), Gen.Double[0, 1], Gen.Int[0, 1000], Gen.Double[0, 1], Gen.Double[0, 0.9999], Above0(1)),
        Gen.Select(Gen.Double[0, 1e6], Gen.Long[0, long.MaxValue], Gen.Int[1, 1_000_000], Gen.Int[1, 1_000_000]),
        Gen.Select(Gen.Int[1, 10_000_000], Gen.OneOf("loss", "exact_match"), Gen.Int[0, 3], Gen.Bool, Gen.Double[0, 10]),
        Gen.Select(Gen.Enum<OptimizerType>(), Gen.Enum<DecayShape>(), Gen.Bool, Gen.Double[0, 0.999], Gen.Int[1, 1000]),
        (a, b, c, d, e) => new TrainingSpec
        {
            LearningRate = a.Item1,
            NumTrainEpochs = a.Item2,
            MaxSteps = a.Item4 ? a.Item3 : null,
            MicroBatchSize = a.Item5,
            MicroBatches = a.Item6,
            LrSchedulerType = b.Item1,
            WarmupRatio = b.Item1 == LrSchedulerType.OneCycle ? 0 : b.Item2,
            WarmupSteps = b.Item1 == LrSchedulerType.OneCycle ? 0 : b.Item3,
            LrSchedulerKwargs = new SchedulerSpec
            {
                NumCycles = e.Item3 ? e.Item4 + 0.5 : null,
                MinLrRate = e.Item3 ? e.Item4 : null,
                MinLr = e.Item3 ? null : a.Item1 / 2,
                WarmupType = e.Item2,
                NumDecaySteps = e.Item3 ? e.Item5 : null,
                ThreePhase = e.Item3,
                MaxMomentum = e.Item4,
            },
            LabelSmoothingFactor = e.Item4,
            ChoiceLoss = new ChoiceLossSpec { LanguageModel = e.Item4, Unlikelihood = e.Item5, LengthNormalised = e.Item3 ? 0 : 1, UnlikelihoodForm = e.Item3 ? UnlikelihoodForm.Paper : UnlikelihoodForm.Code },
            NeftuneNoiseAlpha = e.Item3 ? e.Item5 : null,
            Optim = e.Item1,
            Sgd = new SgdSpec { Momentum = e.Item4, Nesterov = e.Item4 > 0 && e.Item3 },
            Adafactor = new AdafactorSpec { RelativeStep = e.Item3, WarmupInit = e.Item3, Beta1 = e.Item3 ? e.Item4 : null, DecayRate = -1 - e.Item4 },
            WeightDecay = b.Item4,
            AdamBeta1 = b.Item5,
            AdamBeta2 = b.Item5,
            AdamEpsilon = b.Item6,
            MaxGradNorm = c.Item1,
            EmaDecay = e.Item4 > 0 ? e.Item4 : null,
            EmaUpdateAfterStep = e.Item4 > 0 ? e.Item5 : 0,
            GradientCheckpointing = (GradientCheckpointing)(c.Item3 % 3),
            Seed = c.Item2,
            LoggingSteps = c.Item3,
            SaveSteps = c.Item4,
            EvalSteps = d.Item3 > 0 ? d.Item1 : null,
            MetricForBestModel = d.Item2,
            GreaterIsBetter = d.Item4 ? d.Item2 == "exact_match" : null,
            EarlyStoppingPatience = d.Item3 > 1 ? d.Item3 : null,
            EarlyStoppingThreshold = d.Item3 > 1 ? d.Item5 : 0,
            LoadBestModelAtEnd = d.Item3 > 0 && d.Item4,
            AuditFraction = d.Item5 / 10,
        });

    private static readonly Gen<(EvaluationSpec Evaluation, ResourcesSpec Resources, JournalSpec Journal)> Rest = Gen.Select(
        Gen.Int[0, 32].HashSet[0, 5], Gen.Long[0, long.MaxValue], Gen.Int[1, 512], Gen.Bool, Gen.Int[0, 512], Gen.Enum<JournalKeep>(), Gen.OneOf("auto", "cpu", "cuda:7"),
        (shots, seed, some, flag, more, keep, device) => (
            new EvaluationSpec
            {
                Shots = new ValueList<int>(shots),
                DemonstrationsSeed = seed,
                SharedExamples = some % 3 == 0 ? null : flag,
                WrongLabels = more / 512.0,
                Description = flag ? "What is it: # a text?" : null,
                RankBy = flag ? RankBy.Sum : RankBy.Mean,
                BatchSize = some,
                MaxNewTokens = more + 1,
                Metrics = flag ? ["rouge_l", "token_f1"] : [],
            },
            new ResourcesSpec { Workers = flag ? new WorkersRange(some, some + more) : null, Threads = (some % 256) + 1, Device = device, Memory = flag ? $"{some}.5GiB" : null },
            new JournalSpec { Keep = keep, MaxVector = more }));

    // As a coordinator holds them: it opens no plugin.
    private static readonly Gen<ValueList<PluginReference>> Plugins = Gen.Select(PathText.HashSet[0, 3], Gen.Bool, (paths, pinned) =>
        new ValueList<PluginReference>(paths.Select(path => new PluginReference { Path = path, Sha256 = pinned ? new string('a', 64) : null })));

    public static Gen<JobSpec> Job { get; } = Gen.Select(Valid, Plugins, (job, plugins) => plugins.Count == 0 ? job : job with
    {
        Plugins = plugins,
        Method = job.Training.MicroBatches % 2 == 0 ? job.Method : new UnreadMethod("ssf", "init_std: 0.5\ntarget_modules: [\"null\", q_proj]\n"),
        Training = job.Training with { LabelSmoothingFactor = 0, Loss = job.Training.MicroBatches % 3 == 0 || job.Data.Format == DataFormat.Choices ? null : new UnreadLoss("focal", "{}\n"), MetricForBestModel = "edit_similarity", GreaterIsBetter = job.Training.MicroBatches % 5 == 0 ? null : job.Training.MicroBatches % 5 == 1 },
        Evaluation = job.Evaluation with { Metrics = ["edit_similarity"] },
    });

    private static Gen<JobSpec> Valid => Gen.Select(
        Gen.OneOf("a", "null", "true", "1e3", "Ein Jäger 2.0", "日本-1", "#😀", "a, b", "[x"), PathText, Data, Method, Training, Rest,
        (name, model, data, method, training, rest) => new JobSpec
        {
            Name = name,
            Model = model,
            Data = method is PromptTuningSpec or PTuningSpec ? data with { Packing = false } : data,
            Method = method,
            Training = Fitting(method, data.Format, !data.HasEval ? training with { EvalSteps = null, EarlyStoppingPatience = null, EarlyStoppingThreshold = 0, LoadBestModelAtEnd = false } : training),
            Evaluation = data is { ChatTemplate: null, Format: DataFormat.Completion or DataFormat.Alpaca or DataFormat.Preference or DataFormat.Choices } ? rest.Evaluation : rest.Evaluation with { Shots = [0] },
            Resources = rest.Resources,
            Journal = rest.Journal,
            BaseDtype = (BaseDtype)(rest.Evaluation.DemonstrationsSeed % 4),
            Base = new BaseSpec { Fetch = rest.Evaluation.DemonstrationsSeed % 2 == 0 },
            Output = new OutputSpec { Folder = $"/runs/{name}" },
        });

    private static TrainingSpec Fitting(MethodSpec method, DataFormat format, TrainingSpec training) => (method is PrunedSpec ? training with { EmaDecay = null, EmaUpdateAfterStep = 0 } : training) with
    {
        LabelSmoothingFactor = format == DataFormat.Choices ? 0 : training.LabelSmoothingFactor,
        Loss = format == DataFormat.Choices ? null : training.Loss,
    };

    private static Gen<ValueMap<T>?> Patterns<T>(Gen<T> value) => Gen.Select(
        Gen.OneOf("q_proj", @"layers\.\d+\.mlp", "null", "1e3", "a: b", "{", "x, y", "é", "[ab]").HashSet[0, 3], value,
        (keys, one) => keys.Count == 0 ? null : (ValueMap<T>?)new ValueMap<T>(keys.Where(key => key != "{").Append("z").Select(key => KeyValuePair.Create(key, one))));

    private static Gen<double> Above0(double most) => Gen.OneOf(Gen.Double[0, most], Gen.OneOf(1e-300, 5e-324, 1e-8, most)).Where(value => value > 0);
}
