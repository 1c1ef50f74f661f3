import type { Stage, Video } from '../api/types';
import { stageNames } from '../videos/format';

const order: Stage[] = ['text_encoding', 'denoising', 'decoding'];

export function Stages({ video }: { video: Video }) {
  const now = video.status === 'completed' ? order.length : video.stage ? order.indexOf(video.stage) : -1;
  return (
    <ol class="stages" aria-label="Stages">
      {order.map((stage, index) => (
        <li key={stage} class={index < now ? 'done' : index === now ? 'now' : ''} aria-current={index === now ? 'step' : undefined}>
          {stageNames[stage]}{index < now && <span class="visually-hidden"> (done)</span>}
        </li>
      ))}
    </ol>
  );
}
