import { LimitedList } from '../design/LimitedList';
import { Section } from '../design/Section';
import { stopped, waiting } from '../videos/store';
import { StoppedVideo } from './StoppedVideo';
import { WaitingVideo } from './WaitingVideo';

export function Queue() {
  const queue = waiting.value;
  return (
    <Section id="queue" title="Queue" aside={queue.length > 0 && <span class="count">{queue.length} waiting</span>}>
      {queue.length > 0
        ? <LimitedList items={queue} ordered>{(video, place) => <WaitingVideo key={video.id} video={video} place={place} last={queue.length - 1} />}</LimitedList>
        : <p class="empty">Nothing is waiting.</p>}
      {stopped.value.length > 0 && (
        <>
          <h3>Stopped</h3>
          <LimitedList items={stopped.value}>{(video) => <StoppedVideo key={video.id} video={video} />}</LimitedList>
        </>
      )}
    </Section>
  );
}
