import { signal } from '@preact/signals';
import type { Capabilities, Leap, Preset, Video, VideoRequest } from '../api/types';

/** What the form holds: numbers as they are typed, right or wrong. */
export interface Draft {
  prompt: string;
  preset: string;
  size: string;
  frames: string;
  seed: string;
  steps: string;
  guidance: string;
  leap: 'off' | 'auto' | 'step';
  leapStep: string;
  mergeSteps: string;
  fps: string;
  memory: string;
}

export const custom = 'custom';
export const draft = signal<Draft | null>(null);

/** Fields whose values a preset chooses; to edit one is to leave the preset. */
const presetFields = ['steps', 'leap', 'leapStep', 'mergeSteps'];

export function edit(change: Partial<Draft>) {
  const leaves = Object.keys(change).some((field) => presetFields.includes(field));
  draft.value = { ...draft.value!, ...(leaves && { preset: custom }), ...change };
}

export function startDraft({ defaults, presets }: Capabilities) {
  if (draft.peek()) return;
  const preset = presets.find((p) => p.id === 'balanced') ?? presets[0];
  draft.value = {
    prompt: '',
    preset: custom,
    size: defaults.size,
    frames: String(defaults.num_frames),
    seed: String(defaults.seed),
    guidance: String(defaults.guidance_scale),
    fps: String(defaults.fps),
    memory: '',
    ...fasterWays(defaults),
    ...(preset && { preset: preset.id, ...fasterWays(preset) }),
  };
}

export const choosePreset = (preset: Preset) => edit({ ...fasterWays(preset), preset: preset.id });

const fasterWays = ({ num_inference_steps, leap, merge_steps }: Pick<Preset, 'num_inference_steps' | 'leap' | 'merge_steps'>) =>
  ({ steps: String(num_inference_steps), mergeSteps: String(merge_steps), ...leapFields(leap) });

const leapFields = (leap: Leap): Pick<Draft, 'leap' | 'leapStep'> =>
  typeof leap === 'number' ? { leap: 'step', leapStep: String(leap) } : { leap, leapStep: '' };

export function reuse(video: Video, presets: Preset[]) {
  const preset = presets.find((p) =>
    p.num_inference_steps === video.num_inference_steps && p.leap === video.leap && p.merge_steps === video.merge_steps);
  draft.value = {
    prompt: video.prompt,
    preset: preset?.id ?? custom,
    size: video.size,
    frames: String(video.num_frames),
    seed: String(video.seed),
    guidance: String(video.guidance_scale),
    fps: String(video.fps),
    memory: video.memory === null ? '' : `${video.memory / 1e6}MB`,
    ...fasterWays(video),
  };
}

export const newSeed = () => edit({ seed: String(crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1) });

export const toRequest = (d: Draft): VideoRequest => ({
  prompt: d.prompt.trim(),
  size: d.size,
  num_frames: Number(d.frames),
  fps: Number(d.fps),
  num_inference_steps: Number(d.steps),
  guidance_scale: Number(d.guidance),
  seed: Number(d.seed),
  leap: d.leap === 'step' ? Number(d.leapStep) : d.leap,
  merge_steps: Number(d.mergeSteps),
  memory: d.memory.trim() || null,
});
