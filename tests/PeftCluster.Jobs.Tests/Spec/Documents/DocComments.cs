using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Tests.Spec.Documents;

/// <summary>
/// The sentences of the doc comments, from the XML file that the compiler writes beside the assembly. References to
/// properties and enum members become the names that they have in a file.
/// </summary>
internal static partial class DocComments
{
    private static readonly Dictionary<string, XElement> Members = XDocument
        .Load(Path.ChangeExtension(typeof(PeftCluster.Jobs.Spec.JobSpec).Assembly.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>The summary of a type, property or enum member; an empty text where it has none.</summary>
    public static string Of(MemberInfo member)
    {
        var text = member is Type type
            ? Members.GetValueOrDefault($"T:{type.FullName}")?.Element("summary")
            : Members.GetValueOrDefault($"{(member is PropertyInfo ? 'P' : 'F')}:{member.DeclaringType!.FullName}.{member.Name}")?.Element("summary")
                ?? OfParameter(member);
        return text is null ? "" : Spaces().Replace(string.Concat(text.Nodes().Select(Words)), " ").Trim();
    }

    /// <summary>The properties of a positional record are described by its parameters.</summary>
    private static XElement? OfParameter(MemberInfo member) => Members
        .GetValueOrDefault($"T:{member.DeclaringType!.FullName}")?
        .Elements("param").FirstOrDefault(parameter => parameter.Attribute("name")!.Value == member.Name);

    private static string Words(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{SnakeCase.Of(see.Attribute("cref")!.Value.Split('.')[^1])}`",
        _ => throw new InvalidOperationException($"a doc comment of a key may not hold {node}"),
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
