import type { Video } from '../api/types';
import { leap, length, memory, size } from './format';

export interface Setting {
  name: string;
  value: string;
}

const memoryText = (bytes: Video['memory']) => (bytes === null ? 'As the server decides' : memory(bytes / 1e6));

/** What made the video what it is, in the words that the form uses. */
export const settingsOf = (video: Video): Setting[] => [
  { name: 'Prompt', value: video.prompt },
  { name: 'Model', value: video.model },
  { name: 'Size', value: size(video.size) },
  { name: 'Length', value: `${length(video.num_frames, video.fps)}, ${video.num_frames} frames` },
  { name: 'Frames per second', value: String(video.fps) },
  { name: 'Steps', value: String(video.num_inference_steps) },
  { name: 'Guidance scale', value: String(video.guidance_scale) },
  { name: 'Seed', value: String(video.seed) },
  { name: 'Leap', value: leap(video.leap) },
  { name: 'Merge steps', value: String(video.merge_steps) },
  { name: 'Memory', value: memoryText(video.memory) },
];
