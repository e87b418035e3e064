using System.Text;
using CsCheck;
using PeftCluster.Jobs;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Steps.Tests.Safetensors;

/// <summary>Every lie that a header can tell, each with its line.</summary>
public sealed class SafetensorsHeaderTests
{
    private const string Two = """{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}""";

    [Fact]
    public void A_good_header_is_read_in_the_order_of_its_data()
    {
        var header = Parse("""{"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]},"__metadata__":{"format":"pt"},"a":{"shape":[2,3],"dtype":"F32","data_offsets":[0,24]}}   """, 32);
        Assert.Equal(["a", "b"], header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([2L, 3L], header.Tensors[0].Shape);
        Assert.Equal((SafetensorsType.I64, 24L, 8L), (header.Tensors[1].Type, header.Tensors[1].Begin, header.Tensors[1].Length));
        Assert.Equal("pt", header.Metadata["format"]);
    }

    [Theory]
    [InlineData("[]", 0, "the header is not an object")]
    [InlineData("{\"a\":", 0, "the header is not valid JSON")]
    [InlineData("""{"a":1}""", 0, "\"a\" is not an object")]
    [InlineData("""{} {}""", 0, "the header is not valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "\"a\" needs dtype, shape and two data_offsets")]
    [InlineData("""{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "\"a\" has the unknown dtype \"F33\"")]
    [InlineData("""{"a":{"dtype":"12","shape":[1],"data_offsets":[0,4]}}""", 4, "\"a\" has the unknown dtype \"12\"")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "\"a\": shape must be whole numbers, 0 or above")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}""", 4, "\"a\": data_offsets must be whole numbers, 0 or above")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", 4, "\"a\" lies at bytes 0 to 8, but the file has 4 bytes of data")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "\"a\" lies at bytes 4 to 0, but the file has 4 bytes of data")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "\"a\" has 4 bytes, but F32 [2] needs 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", 4, "\"a\" has 4 bytes, but F32 [4294967296, 4294967296] needs more than fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "\"b\" overlaps another tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "4 bytes before \"b\" belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "1 bytes at the end belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "\"a\" comes twice in the header")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}""", 4, "\"a\" has dtype twice")]
    [InlineData("""{"__metadata__":{"format":1}}""", 0, "__metadata__: \"format\" is not a text")]
    public void A_lie_is_refused_in_one_line(string json, int data, string line)
    {
        var error = Assert.Throws<BadInputException>(() => Parse(json, data));
        Assert.Equal($"model.safetensors: {line}. Download or write the file again.", error.Message);
    }

    [Theory]
    [InlineData(3, 0, "the file is truncated: 3 bytes are too few for a safetensors header")]
    [InlineData(20, 13, "the file is truncated: the header says it is 13 bytes long, but the file has 20")]
    [InlineData(20, 100_000_001, "the header says it is 100000001 bytes long; at most 100000000 are allowed")]
    [InlineData(20, ulong.MaxValue, "the header says it is 18446744073709551615 bytes long; at most 100000000 are allowed")]
    public void A_wrong_length_is_refused_before_anything_is_read(int fileLength, ulong headerLength, string line)
    {
        using var file = new MemoryStream([.. BitConverter.GetBytes(headerLength), .. new byte[12]]);
        file.SetLength(fileLength);
        var error = Assert.Throws<BadInputException>(() => SafetensorsHeader.Read(file, "model.safetensors"));
        Assert.Equal($"model.safetensors: {line}. Download or write the file again.", error.Message);
    }

    [Fact]
    public void Random_damage_gives_a_line_or_a_header_whose_tensors_fill_the_file()
    {
        var good = Encoding.UTF8.GetBytes(Two);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, cut) =>
        {
            var bytes = (byte[])good.Clone();
            bytes[at] = value;
            try
            {
                var header = SafetensorsHeader.Parse(bytes.AsSpan(0, cut == 0 ? good.Length : cut), 8 + good.Length + 32, "f");
                Assert.Equal(32, header.Tensors.Sum(tensor => tensor.Length));
            }
            catch (BadInputException refused)
            {
                Assert.DoesNotContain('\n', refused.Message);
            }
        }, iter: 3000);
    }

    private static SafetensorsHeader Parse(string json, int dataLength)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        return SafetensorsHeader.Parse(bytes, 8 + bytes.Length + dataLength, "model.safetensors");
    }
}
