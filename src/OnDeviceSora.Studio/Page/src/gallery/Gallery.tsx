import { useSignal } from '@preact/signals';
import { Icon } from '../design/Icon';
import { Section } from '../design/Section';
import { attempt } from '../videos/actions';
import { finished, hasMore, loaded, loadMore } from '../videos/store';
import { Card } from './Card';
import { choosePlaying, plays } from './motion';

export function Gallery() {
  const videos = finished.value;
  return (
    <Section id="gallery" title="Gallery" aside={videos.length > 0 && <PlayToggle />}>
      {videos.length > 0
        ? <ul class="gallery-grid">{videos.map((video) => <li key={video.id}><Card video={video} /></li>)}</ul>
        : <p class="empty">{loaded.value ? 'No videos yet. The first one that is finished hangs here.' : 'Looking for videos…'}</p>}
      {hasMore.value && <MoreButton />}
    </Section>
  );
}

function PlayToggle() {
  return (
    <button type="button" class="button" onClick={() => choosePlaying(!plays.value)}>
      <Icon name={plays.value ? 'pause' : 'play'} /> {plays.value ? 'Pause all' : 'Play all'}
    </button>
  );
}

function MoreButton() {
  const busy = useSignal(false);
  const more = async () => {
    if (busy.value) return;
    busy.value = true;
    await attempt(loadMore);
    busy.value = false;
  };
  return <button type="button" class="button more" aria-disabled={busy.value ? 'true' : undefined} onClick={more}>Show older videos</button>;
}
