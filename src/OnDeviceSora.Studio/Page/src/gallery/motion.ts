import { effect, signal } from '@preact/signals';
import { reducedMotion } from '../design/theme';

const key = 'gallery-plays';
const stored = localStorage.getItem(key);

/** Whether the videos in the gallery play by themselves. */
export const plays = signal(stored === null ? !reducedMotion.value : stored === 'true');

export function choosePlaying(value: boolean) {
  plays.value = value;
  localStorage.setItem(key, String(value));
}

effect(() => {
  if (reducedMotion.value) plays.value = false;
});
