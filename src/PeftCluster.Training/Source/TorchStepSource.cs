using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.PromptTuning;
using PeftCluster.Training.Plugins;

namespace PeftCluster.Training.Source;

/// <summary>Evaluates one fixed batch of held-out rows with a model; called on the model's device thread.</summary>
public delegate IReadOnlyList<RowEvaluation> HeldOutEvaluator(EvaluationWork work, IModel model, PromptCache cache, CancellationToken cancellation);

/// <summary>
/// The seam with tensors: one worker's view of one job. Everything of torch happens on its device's thread. The weights are read at the
/// first call that needs them and shared with the other workers of the process; the module tree is this source's own.
/// </summary>
internal sealed class TorchStepSource : IStepSource
{
    private readonly JobSpec _job;
    private readonly DeviceThread _device;
    private readonly ITokenRows _train;
    private readonly HeldOutEvaluator? _evaluate;
    private readonly string _baseFolder;
    private readonly ModelConfig _config;
    private readonly AdapterPlan _plan;
    private readonly RecomputedLayers _recomputed;
    private SharedWeights? _weights;
    private AdaptedModel? _adapted;
    private MicroBatchGradient? _leaf;
    private readonly PromptCache _prompts = new();
    private bool _viewsChecked;

    /// <param name="job">What is trained, from what.</param>
    /// <param name="device">Where.</param>
    public TorchStepSource(TorchJob job, DeviceThread device)
    {
        ((_job, _baseFolder, _train, _evaluate), _device) = (job, device);
        _config = ModelConfigFile.Load(_baseFolder);
        if (_train.HasChoices && _config.Task == PeftTask.Classification)
            throw new BadInputException($"data.format: choices are texts that a model writes, and a base model of model_type {_config.ModelType} has classes. Take rows of format classification, or a base that writes text.");
        var method = _job.Method.For(() => new StepPlanner(_job, _train).TotalSteps);
        _plan = AdapterPlan.Of(StartText.Resolved(method, _baseFolder), _config);
        long? limit = _job.Resources.Memory is { } memory ? MemorySize.Bytes(memory) : null;
        _recomputed = RecomputedLayers.Of(_job.Training.GradientCheckpointing, limit, new StepMemory(_config, _plan, BaseFormat.Of(_config, _baseFolder, _job.BaseDtype)), _config, _plan.PlacesBefore, (_train, _job.Training.MicroBatchSize, StepPlanner.PackedLengthOf(_job)));
    }

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => Task.FromResult(
        new SourceDescription(_plan.Layout, _plan.Layout.Parameters, _config.Parameters, _plan.Summary, _config.ModelType, _plan.Allocation));

    public Task InitialiseAsync(Memory<float> adapter, CancellationToken cancellation) =>
        _device.RunAsync(
            token =>
            {
                _plan.Initialise(adapter.Span, _job.Training.Seed, name => Store(token)[name]);
                if (_job.Method is IStartsFromAdapter { InitialAdapter: { } folder })
                    InitialAdapter.Read(folder, _plan).CopyTo(adapter);
            },
            cancellation);

    public Task<LeafResult> GradientAsync(GradientWork work, ReadOnlyMemory<float> adapter, Memory<float> gradient, CancellationToken cancellation) =>
        _device.RunAsync(token =>
        {
            var adapted = Adapted(token);
            _prompts.Forget();
            adapted.Vector.Load(adapter.Span);
            var result = (_leaf ??= new MicroBatchGradient(adapted, _train, _job.Training.LabelSmoothingFactor, PluginJob.LossOf(_job), _recomputed.In, _job.Training.ChoiceLoss)).Compute(work, token);
            if (!_viewsChecked)
                adapted.Vector.CheckViews();
            _viewsChecked = true;
            adapted.Vector.CopyGradient(gradient.Span);
            return result;
        }, cancellation);

    public Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(EvaluationWork work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation) =>
        _device.RunAsync(token =>
        {
            var evaluate = _evaluate ?? throw new InvalidOperationException("the job has no held-out rows (data.eval)");
            var adapted = Adapted(token);
            if (adapter is not { } version)
                return evaluate(work, _config.Build(name => _weights!.Store[name]), _prompts, token);
            adapted.Vector.Load(version.Span);
            return evaluate(work, adapted.Model, _prompts, token);
        }, cancellation);

    public Task ExportAsync(ReadOnlyMemory<float> adapter, string folder, CancellationToken cancellation) =>
        _device.RunAsync(token => AdapterExport.Write(folder, _job, _config.Task, _plan, adapter, _plan.MakeFrozen(name => Store(token)[name])), cancellation);

    public async ValueTask DisposeAsync() => await _device.RunAsync(_ =>
    {
        _prompts.Dispose();
        _leaf?.Dispose();
        _adapted?.Dispose();
        _weights?.Dispose();
        (_leaf, _adapted, _weights) = (null, null, null);
    }, CancellationToken.None);

    private AdaptedModel Adapted(CancellationToken cancellation)
    {
        if (_adapted is not null)
            return _adapted;
        var store = Store(cancellation);
        return _adapted = new AdaptedModel(_config, name => store[name], _plan, _job.Training.Seed, _job.Training.NeftuneNoiseAlpha ?? 0);
    }

    private WeightStore Store(CancellationToken cancellation) => (_weights ??= SharedWeights.Of(_baseFolder, _job.BaseDtype, cancellation)).Store;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_plan.Summary} on {_device.Device}");
}
