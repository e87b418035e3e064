using PeftCluster.Steps.Seam;

namespace PeftCluster.Steps.Tests.Seam;

public sealed class ContentNameTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void Sixty_four_lower_case_hex_digits_are_a_hash() => Assert.True(ContentName.IsHash(Hash));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0")]
    [InlineData("0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("../3456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("012345678\uff19abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Anything_else_is_no_hash(string? name) => Assert.False(ContentName.IsHash(name));

    [Theory]
    [InlineData("adapter_model.safetensors")]
    [InlineData("...")]
    [InlineData(".hidden")]
    [InlineData("two words")]
    public void A_name_without_a_folder_is_a_file_name(string name) => Assert.True(ContentName.IsFileName(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    [InlineData("../adapter")]
    [InlineData("folder/")]
    [InlineData("folder/file")]
    public void What_leads_out_of_the_folder_is_no_file_name(string? name) => Assert.False(ContentName.IsFileName(name));
}
