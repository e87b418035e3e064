namespace PeftCluster.Quickstart.Make.World;

/// <summary>What is known of an order.</summary>
internal enum Field
{
    Customer,
    City,
    Number,
    Colour,
    Item,
    Day,
}
