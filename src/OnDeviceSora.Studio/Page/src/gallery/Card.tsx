import { useSignal } from '@preact/signals';
import type { Video } from '../api/types';
import { choose, isChosen } from '../compare/selection';
import { IconButton } from '../design/IconButton';
import { deleting, remixing } from '../videos/actions';
import { length, size } from '../videos/format';
import { select } from '../videos/selected';
import { Download } from './Download';
import { LoopingVideo } from './LoopingVideo';
import { plays } from './motion';
import { reuseSettings } from './reuse';

export function Card({ video }: { video: Video }) {
  const pointed = useSignal(false);
  const name = `prompt-${video.id}`;
  return (
    <article
      class="card video-card" aria-labelledby={name}
      onMouseEnter={() => (pointed.value = true)} onMouseLeave={() => (pointed.value = false)}
    >
      <button type="button" class="open" aria-label="Open" aria-describedby={name} onClick={() => select(video.id)}>
        <LoopingVideo video={video} playing={plays.value || pointed.value} />
      </button>
      <h3 id={name} class="prompt">{video.prompt}</h3>
      <p class="muted">{size(video.size)}, {length(video.num_frames, video.fps)}, {video.num_inference_steps} steps, seed {video.seed}</p>
      <div class="card-actions">
        <IconButton icon="reuse" label="Reuse settings" about={name} onClick={() => reuseSettings(video)} />
        <IconButton icon="remix" label="Remix" about={name} onClick={() => (remixing.value = video)} />
        <Download video={video} about={name} iconOnly />
        <IconButton icon="trash" label="Delete" about={name} onClick={() => (deleting.value = video)} />
      </div>
      <label class="compare-choice">
        <input type="checkbox" aria-describedby={name} checked={isChosen(video.id)} onChange={(e) => choose(video.id, e.currentTarget.checked)} />
        Compare
      </label>
    </article>
  );
}
