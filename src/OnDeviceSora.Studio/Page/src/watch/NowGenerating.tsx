import { computed } from '@preact/signals';
import type { Video } from '../api/types';
import { capabilities } from '../compose/capabilities';
import { Section } from '../design/Section';
import { LoopingVideo } from '../gallery/LoopingVideo';
import { plays } from '../gallery/motion';
import { cancel } from '../videos/actions';
import { duration } from '../videos/format';
import { select } from '../videos/selected';
import { MemoryChart } from './MemoryChart';
import { Preview } from './Preview';
import { SimilarityChart } from './SimilarityChart';
import { Stages } from './Stages';
import { steps, watched } from './steps';

export function NowGenerating() {
  const video = watched.value;
  return (
    <Section id="now" title="Now generating">
      {video ? <Watched video={video} /> : <p class="empty">Nothing is running. Write a prompt, and watch the video form here.</p>}
    </Section>
  );
}

function Watched({ video }: { video: Video }) {
  return (
    <div class="watched card">
      <div class="watched-picture">
        {video.status === 'completed' ? <LoopingVideo video={video} playing={plays.value} /> : <Preview key={video.id} id={video.id} step={steps.value.at(-1)} />}
      </div>
      <div class="watched-progress">
        <p class="prompt">{video.prompt}</p>
        <Stages video={video} />
        <progress max={100} value={video.progress} aria-label="Progress" />
        <p class="muted">{situation(video)}</p>
        <WatchedActions video={video} />
      </div>
      <div class="charts">
        <SimilarityChart steps={steps.value} />
        <MemoryChart samples={samples.value} />
      </div>
    </div>
  );
}

function WatchedActions({ video }: { video: Video }) {
  if (video.status === 'completed') return <button type="button" class="button" onClick={() => select(video.id)}>Show details</button>;
  if (video.status === 'failed') return null;
  return <button type="button" class="button" onClick={() => cancel(video)}>Cancel</button>;
}

function situation(video: Video): string {
  if (video.status === 'completed') return `Finished${video.inference_time_s === null ? '' : ` in ${duration(video.inference_time_s)}`}. Nothing else is running.`;
  if (video.status === 'failed') return `Stopped: ${video.error?.message ?? 'no reason was given'}`;
  if (video.status === 'queued') return 'Waits in the queue.';
  const step = steps.value.filter((s) => s.stage === 'denoising').at(-1);
  const where = step && video.stage === 'denoising' ? `Step ${step.completed} of ${step.total}` : video.stage ? `${video.progress} %` : 'Opening the model';
  return video.remaining_s === null ? `${where}.` : `${where}, about ${duration(video.remaining_s)} left.`;
}

const samples = computed(() => {
  const chosen = watched.value?.memory;
  const budget = chosen ? chosen / 1e6 : (capabilities.value?.memory.budget_mb ?? 0);
  return steps.value.map((s) => ({ at_s: s.elapsed_s, resident_mb: s.resident_bytes / 1e6, budget_mb: budget }));
});
