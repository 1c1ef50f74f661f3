import { useSignal } from '@preact/signals';
import { videoUrl } from '../api/client';

/** The page that shows when each block was loaded and computed; it is big, so it is fetched when it is asked for. */
export function Timeline({ id }: { id: string }) {
  const opened = useSignal(false);
  const url = videoUrl(id, '/timeline');
  return (
    <details class="timeline" onToggle={(e) => (opened.value ||= e.currentTarget.open)}>
      <summary>Loading and computing over time</summary>
      {opened.value && <iframe src={url} title="Timeline of loading and computing" />}
      <p><a href={url} target="_blank" rel="noopener">Open the timeline in a new tab</a></p>
    </details>
  );
}
