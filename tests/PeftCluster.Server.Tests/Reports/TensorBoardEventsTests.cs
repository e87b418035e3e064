using System.Buffers.Binary;
using System.Text;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Tests.Reports;

public sealed class TensorBoardEventsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Every_step_and_every_measurement_becomes_a_record()
    {
        using (var events = new TensorBoardEvents())
        {
            events.Opened(SampleRun.Header(_folder.Path));
            foreach (var happened in SampleRun.Whole())
                events.Hear(happened);
        }

        var records = Records(Assert.Single(Directory.GetFiles(_folder["tensorboard"])));
        Assert.Equal(1 + 4 * SampleRun.Steps + 2 * 4, records.Count); // One record names the format.
        Assert.Equal(SampleRun.Steps, records.Count(record => record.Contains("train/loss", StringComparison.Ordinal)));
        Assert.Single(records, record => record.Contains("eval/adapter/exact_match", StringComparison.Ordinal));
        Assert.Single(records, record => record.Contains("eval/base_5_shot/loss", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_loss_on_answer_choices_is_a_curve()
    {
        using (var events = new TensorBoardEvents())
        {
            events.Opened(SampleRun.Header(_folder.Path));
            events.Hear(SampleRun.Started());
            events.Hear(SampleRun.Choosing(0));
        }

        var records = Records(Assert.Single(Directory.GetFiles(_folder["tensorboard"])));
        Assert.All(["train/loss_language_model", "train/loss_unlikelihood", "train/loss_length_normalised"], tag => Assert.Single(records, record => record.Contains(tag, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_measured_version_stands_at_its_step()
    {
        using (var events = new TensorBoardEvents())
        {
            events.Opened(SampleRun.Header(_folder.Path));
            events.Hear(SampleRun.Started());
            events.Hear(SampleRun.Version(12));
        }

        // An event's second field is the step: tag 16, then the number.
        var record = Records(Assert.Single(Directory.GetFiles(_folder["tensorboard"]))).Single(record => record.Contains("eval/adapter/loss", StringComparison.Ordinal));
        Assert.Equal("\u0010\u000c", record[9..11].Replace("\ufffd", "?", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>TFRecord: 8 bytes of length, 4 of checksum, the record, 4 of checksum.</summary>
    private static List<string> Records(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var records = new List<string>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            records.Add(Encoding.UTF8.GetString(bytes.Slice(12, length)));
            bytes = bytes[(12 + length + 4)..];
        }
        return records;
    }
}
