using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Tests.Peft;

public sealed class PeftMethodsTests
{
    [Fact]
    public void Every_record_of_a_method_has_its_one_line() => Assert.Equal(
        MethodRegistry.Records.Values.Select(type => type.Name).Order(StringComparer.Ordinal), PeftMethods.BuiltIn.Select(method => method.Spec.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void No_two_methods_write_the_same_kind_of_adapter_but_a_recipe_and_its_method() => Assert.Equal(
        [["Ia3Spec", "TFewSpec"]],
        PeftMethods.BuiltIn.GroupBy(method => method.PeftType).Select(kind => kind.Select(method => method.Spec.Name)).Where(kind => kind.Count() > 1));
}
