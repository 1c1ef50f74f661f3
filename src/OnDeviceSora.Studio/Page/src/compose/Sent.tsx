import { signal } from '@preact/signals';
import type { Status } from '../api/types';
import { videoOf } from '../videos/store';

/** The video that the form sent last. */
export const sentId = signal<string | null>(null);

const words: Record<Status, string> = {
  queued: 'It is in the queue.',
  in_progress: 'It is being made.',
  completed: 'It is finished.',
  failed: 'It stopped.',
};

/** On a phone, what becomes of it lies below the form. */
export function Sent() {
  const video = sentId.value && videoOf(sentId.value);
  if (!video) return null;
  const place = video.status === 'failed' ? '#queue-heading' : '#now-heading';
  return <p class="muted">{words[video.status]} <a href={place}>Show it</a></p>;
}
