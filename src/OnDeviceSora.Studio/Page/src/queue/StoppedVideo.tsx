import type { Video } from '../api/types';
import { IconButton } from '../design/IconButton';
import { reuseSettings } from '../gallery/reuse';
import { deleting, resume } from '../videos/actions';

export function StoppedVideo({ video }: { video: Video }) {
  const name = `stopped-${video.id}`;
  return (
    <li class="row">
      <div class="row-text">
        <p class="prompt" id={name}>{video.prompt}</p>
        <p class={video.error?.code === 'cancelled' ? 'muted' : 'error'}>{reason(video)}</p>
      </div>
      <div class="row-actions">
        <button type="button" class="button" aria-describedby={name} onClick={() => resume(video)}>Resume</button>
        <IconButton icon="reuse" label="Reuse settings" about={name} onClick={() => reuseSettings(video)} />
        <IconButton icon="trash" label="Delete" about={name} onClick={() => (deleting.value = video)} />
      </div>
    </li>
  );
}

function reason(video: Video): string {
  if (video.error?.code === 'cancelled') return `Cancelled at ${video.progress} %. Resume goes on from there.`;
  return video.error?.message ?? 'It stopped, and the server does not say why.';
}
