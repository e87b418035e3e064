namespace PeftCluster.Benchmarks.Model;

/// <summary>
/// What a step costs besides its gradients, with one coordinator and a star:
/// <code>
/// T(W, V) = W·V ÷ r  +  W·V ÷ a  +  V ÷ u  +  W·V ÷ r  +  m
/// r = min(B, h)
/// </code>
/// W workers send a vector of V bytes each, and fetch one each. B is what the network brings to the coordinator, h what its processors take in or give out; a is the rate of
/// adding (vectors that share the line evenly arrive together, so none is added while others come), u of the update, m what the step's messages take.
/// Each worker sends one vector, which holds when its shards are a whole subtree.
/// </summary>
/// <param name="Network">B, bytes a second, one way.</param>
/// <param name="Host">h, bytes a second.</param>
/// <param name="Add">a, bytes a second.</param>
/// <param name="Update">u, bytes a second.</param>
/// <param name="Messages">m, seconds.</param>
internal sealed record StepTimeModel(double Network, double Host, double Add = 8e9, double Update = 1.5e9, double Messages = 0.001)
{
    private double Rate => Math.Min(Network, Host);

    public double Seconds(int workers, double parameters)
    {
        var bytes = parameters * sizeof(float);
        return 2 * workers * bytes / Rate + workers * bytes / Add + bytes / Update + Messages;
    }

    /// <summary>The most workers with which the step's communication takes at most a share of a step's computation.</summary>
    public int MostWorkers(double parameters, double computation, double share)
    {
        var bytes = parameters * sizeof(float);
        return (int)Math.Max(0, Math.Floor((share * computation - bytes / Update - Messages) / (2 * bytes / Rate + bytes / Add)));
    }
}
