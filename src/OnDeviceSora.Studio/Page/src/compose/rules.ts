import type { Capabilities } from '../api/types';
import type { Draft } from './draft';

export type FieldName = 'prompt' | 'size' | 'frames' | 'seed' | 'steps' | 'guidance' | 'leap' | 'leapStep' | 'mergeSteps' | 'fps' | 'memory';
export type FieldErrors = Partial<Record<FieldName, string>>;

const fieldOfParam: Record<string, FieldName> = {
  prompt: 'prompt', size: 'size', width: 'size', height: 'size', num_frames: 'frames', seconds: 'frames', seed: 'seed',
  num_inference_steps: 'steps', guidance_scale: 'guidance', leap: 'leap', merge_steps: 'mergeSteps', fps: 'fps', memory: 'memory',
};

export const fieldOf = (param: string | null) => (param ? (fieldOfParam[param] ?? null) : null);

/** What is plainly wrong before the server is asked. An empty prompt is only wrong when it is sent. */
export function errorsOf(draft: Draft, { limits }: Capabilities): FieldErrors {
  const steps = Number(draft.steps);
  const leapOk = draft.leap !== 'step' || isWhole(draft.leapStep, 0, steps - 1);
  return withoutBlanks({
    prompt: draft.prompt.length > limits.prompt_characters ? `At most ${limits.prompt_characters} characters.` : null,
    seed: isWhole(draft.seed, 0, Number.MAX_SAFE_INTEGER) ? null : 'A whole number from 0.',
    steps: whole(draft.steps, limits.num_inference_steps.minimum, limits.num_inference_steps.maximum),
    fps: whole(draft.fps, limits.fps.minimum, limits.fps.maximum),
    guidance: number(draft.guidance, limits.guidance_scale.minimum, limits.guidance_scale.maximum),
    mergeSteps: whole(draft.mergeSteps, 0, steps || limits.num_inference_steps.maximum),
    leapStep: leapOk ? null : `A whole number from 0 to ${Math.max(0, (steps || 1) - 1)}.`,
  });
}

const isWhole = (text: string, minimum: number, maximum: number) =>
  /^\d+$/.test(text.trim()) && Number(text) >= minimum && Number(text) <= maximum;

const whole = (text: string, minimum: number, maximum: number) =>
  isWhole(text, minimum, maximum) ? null : `A whole number from ${minimum} to ${maximum}.`;

const number = (text: string, minimum: number, maximum: number) =>
  text.trim() !== '' && Number(text) >= minimum && Number(text) <= maximum ? null : `A number from ${minimum} to ${maximum}.`;

const withoutBlanks = (errors: Partial<Record<FieldName, string | null>>) =>
  Object.fromEntries(Object.entries(errors).filter(([, error]) => error)) as FieldErrors;
