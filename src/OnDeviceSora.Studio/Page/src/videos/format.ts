import type { Leap, Stage, Video } from '../api/types';

export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export const memory = (mb: number) => (mb < 999.5 ? `${Math.round(mb)} MB` : `${(mb / 1000).toFixed(1)} GB`);

export const count = (n: number, thing: string) => `${n} ${thing}${n === 1 ? '' : 's'}`;

export const size = (text: string) => text.replace('x', ' × ');

/** Keeps the place of a video free until it is there. */
export const shape = (video: Video) => ({ aspectRatio: video.size.replace('x', ' / ') });

export const length = (frames: number, fps: number) => `${Number((frames / fps).toFixed(1))} s`;

export function leap(value: Leap): string {
  if (value === 'off') return 'Off';
  return value === 'auto' ? 'Automatic' : `After ${count(value, 'step')}`;
}

export const stageNames: Record<Stage, string> = {
  text_encoding: 'Reading the prompt',
  denoising: 'Forming the video',
  decoding: 'Turning it into pictures',
};

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
export const time = (unixSeconds: number) => clock.format(unixSeconds * 1000);

/** Short enough to name a video within a sentence. */
export const called = (video: Video) => `“${video.prompt.length > 60 ? `${video.prompt.slice(0, 57)}…` : video.prompt}”`;
