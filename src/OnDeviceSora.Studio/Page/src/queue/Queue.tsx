import { Section } from '../design/Section';
import { stopped, waiting } from '../videos/store';
import { StoppedVideo } from './StoppedVideo';
import { WaitingVideo } from './WaitingVideo';

export function Queue() {
  const queue = waiting.value;
  return (
    <Section id="queue" title="Queue" aside={queue.length > 0 && <span class="count">{queue.length} waiting</span>}>
      {queue.length > 0
        ? <ol class="rows card">{queue.map((video, place) => <WaitingVideo key={video.id} video={video} place={place} last={queue.length - 1} />)}</ol>
        : <p class="empty">Nothing is waiting.</p>}
      {stopped.value.length > 0 && (
        <>
          <h3>Stopped</h3>
          <ul class="rows card">{stopped.value.map((video) => <StoppedVideo key={video.id} video={video} />)}</ul>
        </>
      )}
    </Section>
  );
}
