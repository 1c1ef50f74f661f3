import type { Video } from '../api/types';
import { count, duration, memory, time } from '../videos/format';
import { settingsOf, type Setting } from '../videos/settings';

/** The settings, and what came of them. */
export function Facts({ video }: { video: Video }) {
  const settings = settingsOf(video).filter((s) => s.name !== 'Prompt');
  return (
    <dl class="facts">
      {[...settings, ...outcome(video)].map(({ name, value }) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

function outcome(video: Video): Setting[] {
  const { executed_steps, leap_step, inference_time_s, peak_memory_mb, expires_at } = video;
  return [
    executed_steps !== null && { name: 'Steps taken', value: String(executed_steps) },
    leap_step !== null && { name: 'Leapt', value: `After ${count(leap_step, 'step')}` },
    inference_time_s !== null && { name: 'Time', value: duration(inference_time_s) },
    peak_memory_mb !== null && { name: 'Peak memory', value: memory(peak_memory_mb) },
    { name: 'Made', value: time(video.completed_at ?? video.created_at) },
    expires_at !== null && { name: 'Is deleted', value: time(expires_at) },
  ].filter((fact) => fact !== false);
}
