namespace PeftCluster.Training.Costs;

/// <summary>
/// Tokens of one example; they may be a mean or a median, so they need not be whole. Places that an adapter puts before a row
/// (<see cref="Peft.AdapterPlan.PlacesBefore"/>) are tokens of the source where the model computes them.
/// </summary>
/// <param name="Source">The input; what an encoder reads.</param>
/// <param name="Target">All that is scored or written: each answer choice of a rank classification, read once.</param>
/// <param name="Shots">Worked examples that stand before the input.</param>
public sealed record ExampleTokens(double Source, double Target, double Shots = 0);
