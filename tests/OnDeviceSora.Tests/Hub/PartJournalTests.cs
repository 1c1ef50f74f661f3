using OnDeviceSora.Hub;

namespace OnDeviceSora.Tests.Hub;

public sealed class PartJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Ranges_are_a_set_of_bytes_whatever_is_added()
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var (ranges, bytes) = (new ByteRanges(), new bool[random.Next(1, 60)]);
            for (var added = random.Next(8); added > 0; added--)
            {
                var start = random.Next(bytes.Length);
                var end = random.Next(start, bytes.Length + 1);
                ranges.Add(new ByteRange(start, end));
                bytes.AsSpan(start, end - start).Fill(true);
            }

            var piece = random.Next(1, 20);
            var missing = ranges.Missing(bytes.Length, piece).ToList();
            Assert.All(missing, range => Assert.InRange(range.Length, 1, piece));
            Assert.Equal(Enumerable.Range(0, bytes.Length).Where(i => !bytes[i]), missing.SelectMany(range => Enumerable.Range((int)range.Start, (int)range.Length)));
            Assert.Equal(bytes.Count(there => there), ranges.Length);
            Assert.All(ranges.InOrder.Zip(ranges.InOrder.Skip(1)), pair => Assert.True(pair.First.End < pair.Second.Start));
        }
    }

    [Fact]
    public void What_was_noted_is_there_after_reopening_wherever_the_file_was_cut()
    {
        var (path, data) = (_folder["parts"], _folder.Write("data", new byte[100]));
        using (var journal = PartJournal.Open(path, data))
        {
            journal.Note(new ByteRange(0, 10));
            journal.Note(new ByteRange(50, 60));
            journal.Note(new ByteRange(10, 20));
        }

        var whole = File.ReadAllBytes(path);
        long[] expected = [0, 10, 20, 30];
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            var arrived = expected[length / (whole.Length / 3)];
            Assert.Equal(arrived, PartJournal.ArrivedBytes(path, data));
            using (var journal = PartJournal.Open(path, data))
            {
                Assert.Equal(arrived, journal.Arrived.Length);
                journal.Note(new ByteRange(90, 100));
            }

            Assert.Equal(arrived + 10, PartJournal.ArrivedBytes(path, data));
        }
    }

    [Fact]
    public void Bytes_that_the_data_does_not_have_and_nonsense_are_not_believed()
    {
        var (path, data) = (_folder["parts"], _folder.Write("data", new byte[50]));
        File.WriteAllText(path, $"{40:x16} {60:x16}\n{0:x16} {10:x16}\nnonsense of some length, no range\n{10:x16} {20:x16}\n");
        using (var journal = PartJournal.Open(path, data)) Assert.Equal([new ByteRange(0, 10)], journal.Arrived.InOrder);
        File.Delete(data);
        using (var journal = PartJournal.Open(path, data)) Assert.Empty(journal.Arrived.InOrder);
    }

    public void Dispose() => _folder.Dispose();
}
