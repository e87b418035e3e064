using System.Collections.Immutable;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Examples.Make.World;

/// <summary>One order: a value for each field, and the form of the sentence that tells it.</summary>
public sealed record Order(ImmutableArray<string> Values, int Form)
{
    /// <summary>How many forms a sentence can have.</summary>
    public const int Forms = 6;

    public string this[Field field] => Values[(int)field];

    /// <summary>
    /// The order in plain English. Two orders differ if and only if their sentences do. No sentence starts with a value:
    /// before each stands a space, which is part of its token.
    /// </summary>
    public string Sentence
    {
        get
        {
            var (customer, city, number) = (this[Field.Customer], this[Field.City], this[Field.Number]);
            var (colour, item, day) = (this[Field.Colour], this[Field.Item], this[Field.Day]);
            return Form switch
            {
                0 => $"An order of {customer} from {city}: {number} {colour} {item} for {day}.",
                1 => $"Please send {number} {colour} {item} to {customer} in {city} by {day}.",
                2 => $"On {day} we ship {number} {colour} {item} to {customer} in {city}.",
                3 => $"Our customer {customer} would like {number} {colour} {item}, sent to {city} on {day}.",
                4 => $"For {day}: {number} {colour} {item}, to be packed for {customer} in {city}.",
                _ => $"The {number} {item} for {customer} must be {colour} and reach {city} on {day}.",
            };
        }
    }

    /// <summary>Any order, all equally likely.</summary>
    public static Order Draw(PhiloxStream random) =>
        new([.. Words.Fields.Select(field => random.Pick(Words.Of(field)))], random.NextBelow(Forms));
}
