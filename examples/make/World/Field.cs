namespace PeftCluster.Examples.Make.World;

/// <summary>What is known of an order.</summary>
public enum Field
{
    Customer,
    City,
    Number,
    Colour,
    Item,
    Day,
}
