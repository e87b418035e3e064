using PeftCluster.Examples.Make.World;

namespace PeftCluster.Quickstart.Make.Tasks;

/// <summary>
/// The task that is learnt by fine-tuning: write an order as the workshop's ticket. The base has met every word and sign
/// of a ticket, and has never met a ticket.
/// </summary>
internal static class TicketTask
{
    public const string Instruction = "Write the ticket.";

    /// <summary>The row of an order: <c>Ann: 3 x red mugs -> Oslo, Friday</c>.</summary>
    public static Row Of(Order order) => new(Instruction, order.Sentence, Ticket(order));

    private static string Ticket(Order order) =>
        $"{order[Field.Customer]}: {order[Field.Number]} x {order[Field.Colour]} {order[Field.Item]} -> {order[Field.City]}, {order[Field.Day]}";
}
