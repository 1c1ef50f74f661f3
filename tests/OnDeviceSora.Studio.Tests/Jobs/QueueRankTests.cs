using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Tests.Jobs;

public sealed class QueueRankTests
{
    [Theory]
    [InlineData(0, double.NegativeInfinity, 1)]
    [InlineData(1, 1, 2)]
    [InlineData(3, 3, double.PositiveInfinity)]
    public void A_rank_lies_between_its_neighbours(int place, double after, double before)
    {
        var rank = QueueRank.Between(Waiting(1, 2, 3), place)!.Value;
        Assert.True(rank > after && rank < before);
    }

    [Fact]
    public void An_empty_queue_has_room_and_neighbours_without_a_number_between_have_none()
    {
        Assert.NotNull(QueueRank.Between([], 0));
        Assert.Null(QueueRank.Between(Waiting(1, Math.BitIncrement(1.0)), 1));
    }

    [Fact]
    public void Moving_between_the_same_two_again_and_again_runs_out_after_many_moves_only()
    {
        var (ranks, moves) = (new List<double> { 1, 2 }, 0);
        while (QueueRank.Between(Waiting([.. ranks]), 1) is { } rank)
        {
            ranks[1] = rank;
            moves++;
        }

        Assert.InRange(moves, 40, 100);
    }

    private static List<VideoJob> Waiting(params double[] ranks) => [.. ranks.Select(rank => SampleJob.Of($"video_{rank}") with { Rank = rank })];
}
