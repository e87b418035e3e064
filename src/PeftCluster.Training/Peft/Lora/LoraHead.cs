using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// LoRA of the output head: logits h Wᵀ + l Bᵀ + s · b with l = s · dropout(h) Aᵀ [r] at each place. Unusual: the head reads l behind h, so the graph ends at l and the logits' gradient
/// G gives the rest: ∂B = Gᵀ l, ∂l = G B, ∂b = s · Gᵀ 1. A [r, D], B [V, r] and the bias b [V], where there is one, are views of the trained vector.
/// </summary>
internal sealed class LoraHead(Tensor a, Tensor b, Tensor? bias, double scale, AdapterDropout dropout, int site) : IHeadChange
{
    public Tensor Read(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var low = nn.functional.linear(dropout.Apply(hidden, site), a).Times(scale);
        return cat([hidden, low], -1).MoveToOuterDisposeScope();
    }

    public void Apply(Tensor logits_RV, Tensor read_RE)
    {
        logits_RV.addmm_(Low(read_RE), b.t(), beta: 1, alpha: 1);
        if (bias is not null)
            logits_RV.Plus_(bias, scale);
    }

    public void Learn(Tensor slope_RV, Tensor read_RE, Tensor gradient_RE)
    {
        b.grad!.addmm_(slope_RV.t(), Low(read_RE), beta: 1, alpha: 1);
        Low(gradient_RE).copy_(slope_RV.mm(b));
        bias?.grad!.Plus_(slope_RV.sum([0]), scale);
    }

    private Tensor Low(Tensor read_RE) => read_RE.narrow(1, a.shape[1], a.shape[0]);
}
