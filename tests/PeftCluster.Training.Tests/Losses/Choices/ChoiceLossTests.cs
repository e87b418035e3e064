using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Losses.Choices;

/// <summary>The losses on answer choices on made-up hidden states: each term by itself against autograd, in chunks, and where numbers end.</summary>
public sealed class ChoiceLossTests
{
    private const int Vocabulary = 50, Width = 24;

    private static readonly ChoiceLossSpec None = new() { LanguageModel = 0, Unlikelihood = 0, LengthNormalised = 0 };

    public static TheoryData<double, double, double, UnlikelihoodForm> Objectives => new()
    {
        { 1, 0, 0, UnlikelihoodForm.Code }, { 0, 1, 0, UnlikelihoodForm.Code }, { 0, 1, 0, UnlikelihoodForm.Paper }, { 0, 0, 1, UnlikelihoodForm.Code }, { 0.3, 2, 1.5, UnlikelihoodForm.Paper },
    };

    [Theory, MemberData(nameof(Objectives))]
    public Task Losses_and_gradients_are_autograds_in_chunks_and_with_a_cap(double a, double b, double c, UnlikelihoodForm form) => OnDevice.Run(() =>
    {
        var objective = new ChoiceLossSpec { LanguageModel = a, Unlikelihood = b, LengthNormalised = c, UnlikelihoodForm = form };
        var rows = Ragged();
        var (states, hidden, head) = States(rows, cap: 3);
        Assert.True(states.Places.Count > 1024, "more than two chunks");
        var due = Autograd(rows, hidden, head, form);
        var total = due[0] * a + due[1] * b + due[2] * c;
        total.backward();
        using var workspace = new HeadWorkspace();
        var losses = ChoiceLoss.WithGradient(rows, states, objective, rows.Counts, workspace, out var gradient).Over(rows.Counts);
        GoldenFiles.Close(stack(due).detach(), tensor(new[] { (float)losses.LanguageModel, (float)losses.Unlikelihood, (float)losses.LengthNormalised }), 1e-5, "losses");
        Assert.Equal(total.item<float>(), losses.Total(objective), 1e-4);
        GoldenFiles.Close(hidden.grad!, gradient, 1e-4, "gradient");
    });

    [Fact]
    public Task A_trained_head_gets_its_gradient_once() => OnDevice.Run(() =>
    {
        var rows = Ragged();
        var (states, hidden, weight) = States(rows, cap: null);
        weight.requires_grad_();
        stack(Autograd(rows, hidden, weight, UnlikelihoodForm.Code, cap: null)).sum().backward();
        var due = weight.grad!.clone();
        weight.grad!.zero_();
        using var workspace = new HeadWorkspace();
        ChoiceLoss.WithGradient(rows, states, new ChoiceLossSpec(), rows.Counts, workspace, out _);
        GoldenFiles.Close(due, weight.grad!, 1e-4, "head");
    });

    [Fact]
    public Task A_loss_that_is_off_is_told_and_teaches_nothing() => OnDevice.Run(() =>
    {
        var rows = Ragged();
        var (states, _, _) = States(rows, cap: null);
        using var workspace = new HeadWorkspace();
        var losses = ChoiceLoss.WithGradient(rows, states, None, rows.Counts, workspace, out var gradient);
        Assert.Equal(0, gradient.abs().max().item<float>());
        Assert.Equal(losses, ChoiceLoss.Of(ChoiceLogProbabilities.Of(rows, states)));
        Assert.True(losses is { LanguageModel: > 0, Unlikelihood: > 0, LengthNormalised: > 0 });
    });

    [Fact]
    public Task One_choice_has_neither_a_wrong_one_nor_an_order() => OnDevice.Run(() =>
    {
        var rows = new ChoiceRows([new ChoiceExample([1], [[3, 4]], 0)]);
        var (states, _, _) = States(rows, cap: null);
        using var workspace = new HeadWorkspace();
        var losses = ChoiceLoss.WithGradient(rows, states, new ChoiceLossSpec { LanguageModel = 0 }, rows.Counts, workspace, out var gradient).Over(rows.Counts);
        Assert.Equal((0, 0), (losses.Unlikelihood, losses.LengthNormalised));
        Assert.Equal(0, gradient.abs().max().item<float>());
    });

    [Theory]
    [InlineData(UnlikelihoodForm.Code)]
    [InlineData(UnlikelihoodForm.Paper)]
    public Task A_wrong_token_that_is_certain_costs_a_finite_loss(UnlikelihoodForm form) => OnDevice.Run(() =>
    {
        var rows = new ChoiceRows([new ChoiceExample([1], [[0], [1]], 0)]);
        var states = new LabelledStates(tensor(new float[,] { { 0, 0, 0 }, { 0, 200, 0 } }), Places(rows), null);
        using var workspace = new HeadWorkspace();
        var losses = ChoiceLoss.WithGradient(rows, states, None with { Unlikelihood = 1, UnlikelihoodForm = form }, rows.Counts, workspace, out var gradient);
        Assert.Equal(form == UnlikelihoodForm.Code ? -Math.Log(0.01) : 24 * Math.Log(2), losses.Unlikelihood, 1e-9);
        Assert.True(gradient.isfinite().all().item<bool>());
    });

    [Fact]
    public Task Logits_of_more_than_a_chunk_never_exist() => OnDevice.Run(() =>
    {
        var rows = Ragged();
        var (states, _, weight) = States(rows, cap: null);
        var watched = new Watch();
        using var workspace = new HeadWorkspace();
        ChoiceLoss.WithGradient(rows, states with { Head = new OutputHead(weight, null) { Change = watched } }, new ChoiceLossSpec(), rows.Counts, workspace, out _);
        Assert.Equal(512, watched.Chunks.Max());
        Assert.Equal(2 * states.Places.Count, watched.Chunks.Sum());
    });

    /// <summary>Examples with one to five choices of 1 to 60 tokens.</summary>
    private static ChoiceRows Ragged() => new([.. Enumerable.Range(0, 20).Select(example => new ChoiceExample([1],
        [.. Enumerable.Range(0, 1 + example % 5).Select(choice => Tokens(example + choice, 1 + (example * 7 + choice * 13) % 60))], example % (1 + example % 5)))]);

    private static int[] Tokens(int first, int count) => [.. Enumerable.Range(0, count).Select(place => (first * 11 + place * 3) % Vocabulary)];

    private static (LabelledStates States, Tensor Hidden, Tensor Head) States(ChoiceRows rows, double? cap)
    {
        var generator = new Generator(4);
        var places = Places(rows);
        var (hidden, head) = (randn([places.Count, Width], generator: generator).requires_grad_(), randn([Vocabulary, Width], generator: generator));
        return (new LabelledStates(hidden, places, new OutputHead(head, cap)), hidden, head);
    }

    private static LabelledPlaces Places(ChoiceRows rows)
    {
        var places = new LabelledPlaces();
        for (var choice = 0; choice < rows.Count; choice++)
            places.Add([0, .. rows.Choice(choice)], [new(1, 1 + rows.Choice(choice).Length)], 0);
        return places;
    }

    /// <summary>The three means, as the paper writes them.</summary>
    private static Tensor[] Autograd(ChoiceRows rows, Tensor hidden, Tensor head, UnlikelihoodForm form, double? cap = 3)
    {
        var logits = nn.functional.linear(hidden, head);
        var all = (cap is { } most ? (logits / most).tanh() * most : logits).log_softmax(1);
        var (start, number) = (0L, 0);
        var (right, wrong, orders) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        foreach (var example in rows.Examples)
        {
            var means = new List<Tensor>();
            for (var choice = 0; choice < example.Choices.Count; choice++, number++)
            {
                var tokens = tensor(rows.Choice(number).ToArray().Select(id => (long)id).ToArray());
                var each = all.narrow(0, start, tokens.shape[0]).gather(1, tokens.unsqueeze(1)).squeeze(1);
                start += tokens.shape[0];
                (choice == example.Correct ? right : wrong).Add(each);
                means.Add(each.mean());
            }
            orders.Add(-stack(means).log_softmax(0)[example.Correct]);
        }
        return [-cat(right).mean(), -(1 - cat(wrong).exp() + (form == UnlikelihoodForm.Code ? 0.01 : 0)).log().mean(), stack(orders).mean()];
    }
    /// <summary>Changes nothing, and knows how many places' logits it was shown at a time.</summary>
    private sealed class Watch : IHeadChange
    {
        public List<long> Chunks { get; } = [];

        public Tensor Read(Tensor hidden) => hidden;

        public void Apply(Tensor logits_RV, Tensor read_RE) => Chunks.Add(logits_RV.shape[0]);

        public void Learn(Tensor slope_RV, Tensor read_RE, Tensor gradient_RE)
        {
        }
    }
}
