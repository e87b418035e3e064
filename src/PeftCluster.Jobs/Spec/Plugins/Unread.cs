namespace PeftCluster.Jobs.Spec.Plugins;

/// <summary>
/// A record of a plugin where nobody opens plugins, as on a coordinator, which computes nothing: its keys as they were written, to be written
/// again as they are.
/// </summary>
internal interface IUnread
{
    /// <summary>The keys but <c>type</c>, as YAML.</summary>
    string Keys { get; }
}

/// <summary>A plugin's method, unread.</summary>
/// <param name="Name">method.type</param>
/// <param name="Keys">Its other keys, as YAML.</param>
public sealed record UnreadMethod(string Name, string Keys) : MethodSpec, IUnread
{
    public override string Type => Name;

    /// <summary>Not known here. A job that was written by whoever submitted it has its rate.</summary>
    public override double DefaultLearningRate => new TrainingSpec().LearningRate;
}

/// <summary>A plugin's loss, unread.</summary>
/// <param name="Name">training.loss.type</param>
/// <param name="Keys">Its other keys, as YAML.</param>
public sealed record UnreadLoss(string Name, string Keys) : LossSpec, IUnread
{
    public override string Type => Name;
}
