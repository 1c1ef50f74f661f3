using System.Collections.Immutable;
using System.Threading.Channels;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>Passes on what happens to videos to whoever listens. Nobody who is slow holds up anybody: a full subscription loses its oldest events.</summary>
internal sealed class JobFeed
{
    private const int MostWaiting = 512;

    private readonly Lock _lock = new();
    private ImmutableList<Subscription> _subscriptions = [];

    public JobFeed(JobStore store)
    {
        store.Changed += job => Publish(new JobEvent.Changed(job));
        store.Removed += id => Publish(new JobEvent.Deleted(id));
    }

    /// <summary>How many listen.</summary>
    public int Listeners => Volatile.Read(ref _subscriptions).Count;

    /// <summary>Tells of a step.</summary>
    public void Step(string id, StepReport step) => Publish(new JobEvent.Step(id, step));

    /// <summary>Listens; dispose it to stop.</summary>
    /// <param name="id">The video, or <c>null</c> for all, without their steps.</param>
    public Subscription Subscribe(string? id)
    {
        var subscription = new Subscription(this, id);
        lock (_lock) _subscriptions = _subscriptions.Add(subscription);
        return subscription;
    }

    private void Publish(JobEvent happened)
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions)) subscription.Offer(happened);
    }

    private void Remove(Subscription subscription)
    {
        lock (_lock) _subscriptions = _subscriptions.Remove(subscription);
    }

    /// <summary>One listener.</summary>
    public sealed class Subscription : IDisposable
    {
        private readonly JobFeed _feed;
        private readonly string? _id;
        private readonly Channel<JobEvent> _events = Channel.CreateBounded<JobEvent>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

        internal Subscription(JobFeed feed, string? id) => (_feed, _id) = (feed, id);

        /// <summary>What happens from now on.</summary>
        public ChannelReader<JobEvent> Events => _events.Reader;

        public void Dispose() => _feed.Remove(this);

        internal void Offer(JobEvent happened)
        {
            if (_id is null ? happened is not JobEvent.Step : happened.Id == _id) _events.Writer.TryWrite(happened);
        }
    }
}
