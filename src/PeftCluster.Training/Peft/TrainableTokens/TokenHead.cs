using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.TrainableTokens;

/// <summary>The logits of some tokens by trained rows R [n, D] in the place of the head's own: h Rᵀ.</summary>
internal sealed class TokenHead(Tensor rows_ND, Tensor head_VD, IReadOnlyList<int> tokens) : IHeadChange
{
    private readonly long[] _tokens = [.. tokens.Select(token => (long)token)];

    public Tensor Read(Tensor hidden) => hidden;

    public void Apply(Tensor logits_RV, Tensor read_RE)
    {
        using var scope = NewDisposeScope();
        logits_RV.index_copy_(1, tensor(_tokens, device: logits_RV.device), read_RE.mm(rows_ND.t()));
    }

    public void Learn(Tensor slope_RV, Tensor read_RE, Tensor gradient_RE)
    {
        using var scope = NewDisposeScope();
        var numbers = tensor(_tokens, device: slope_RV.device);
        var slope_RN = slope_RV.index_select(1, numbers);
        rows_ND.grad!.addmm_(slope_RN.t(), read_RE, beta: 1, alpha: 1);
        // The head's own rows have been counted for these tokens.
        gradient_RE.addmm_(slope_RN, rows_ND - head_VD.index_select(0, numbers), beta: 1, alpha: 1);
    }
}
