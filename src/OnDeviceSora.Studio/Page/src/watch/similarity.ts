import type { Step } from '../api/types';
import { count } from '../videos/format';

export interface Similarity {
  data: [number[], (number | null)[]];
  total: number;
  leap: number | null;
  summary: string;
}

/** Near 1, the digits that say something come later. */
export const precisely = (similarity: number) => similarity.toFixed(similarity > 0.999 ? 6 : 4);

/** How alike the directions of consecutive steps were, and where the rest of the way was leapt. */
export function similarityOf(steps: Step[]): Similarity | null {
  const denoising = steps.filter((s) => s.stage === 'denoising');
  const measured = denoising.filter((s) => s.similarity !== null);
  const last = measured.at(-1);
  if (!last) return null;
  const leap = denoising.find((s) => s.leapt)?.completed ?? null;
  return {
    data: [denoising.map((s) => s.completed), denoising.map((s) => s.similarity)],
    total: last.total,
    leap,
    summary: summary(last, leap),
  };
}

function summary(last: Step, leap: number | null): string {
  const alike = `Step ${last.completed} is ${precisely(last.similarity!)} similar to the one before it; at 1 the way is straight.`;
  return leap === null ? `${alike} No leap so far.` : `${alike} After ${count(leap - 1, 'full step')} it leapt the rest of the way.`;
}
