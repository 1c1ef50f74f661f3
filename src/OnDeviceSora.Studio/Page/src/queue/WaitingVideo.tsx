import { useRef } from 'preact/hooks';
import type { Video } from '../api/types';
import { IconButton } from '../design/IconButton';
import { cancel, move } from '../videos/actions';
import { length, size } from '../videos/format';

interface Props {
  video: Video;
  place: number;
  last: number;
}

export function WaitingVideo({ video, place, last }: Props) {
  const row = useRef<HTMLLIElement>(null);
  const name = `waiting-${video.id}`;

  // A row that moves in the document loses the focus: it gets it back.
  const moveTo = async (position: number) => {
    const button = document.activeElement as HTMLElement | null;
    await move(video, position);
    requestAnimationFrame(() => row.current?.contains(button) && button?.focus());
  };

  return (
    <li class="row" ref={row}>
      <span class="place" aria-hidden="true">{place + 1}</span>
      <div class="row-text">
        <p class="prompt" id={name}>{video.prompt}</p>
        <p class="muted">{size(video.size)}, {length(video.num_frames, video.fps)}, {video.num_inference_steps} steps, seed {video.seed}</p>
      </div>
      <div class="row-actions">
        <IconButton icon="up" label="Move up" about={name} disabled={place === 0} onClick={() => moveTo(place - 1)} />
        <IconButton icon="down" label="Move down" about={name} disabled={place === last} onClick={() => moveTo(place + 1)} />
        <button type="button" class="button" aria-describedby={name} onClick={() => cancel(video)}>Cancel</button>
      </div>
    </li>
  );
}
