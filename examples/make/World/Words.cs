using System.Collections.Immutable;

namespace PeftCluster.Examples.Make.World;

/// <summary>
/// Every word that an order can hold. The world is the mail-order workshop of Mill Lane: customers in a few cities order
/// things of one colour for a day of the week.
/// </summary>
public static class Words
{
    public static readonly ImmutableArray<Field> Fields = [.. Enum.GetValues<Field>()];

    private static readonly string[] Customers =
        ["Ann", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Ida", "Jack", "Kate", "Leo",
         "Mary", "Noah", "Olga", "Paul", "Rosa", "Sam", "Tom", "Vera", "Will", "Zoe"];

    private static readonly string[] Cities =
        ["Athens", "Berlin", "Bern", "Cairo", "Delhi", "Dublin", "Lima", "Lisbon", "Madrid", "Oslo", "Paris", "Prague",
         "Riga", "Rome", "Tokyo", "Tunis", "Vienna", "Warsaw"];

    private static readonly string[] Numbers = [.. Enumerable.Range(2, 19).Select(number => $"{number}")];

    private static readonly string[] Colours =
        ["black", "blue", "brown", "green", "grey", "orange", "pink", "purple", "red", "silver", "white", "yellow"];

    private static readonly string[] Items =
        ["bags", "baskets", "bowls", "boxes", "brushes", "candles", "chairs", "clocks", "coats", "drums", "hats", "kites",
         "lamps", "mugs", "plates", "scarves", "shoes", "tables"];

    private static readonly string[] Days =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    /// <summary>The values that a field can have.</summary>
    public static IReadOnlyList<string> Of(Field field) => field switch
    {
        Field.Customer => Customers,
        Field.City => Cities,
        Field.Number => Numbers,
        Field.Colour => Colours,
        Field.Item => Items,
        _ => Days,
    };

    /// <summary>The field's name in an instruction.</summary>
    public static string Name(Field field) => field switch
    {
        Field.Customer => "customer",
        Field.City => "city",
        Field.Number => "number",
        Field.Colour => "colour",
        Field.Item => "item",
        _ => "day",
    };
}
