import { computed, signal } from '@preact/signals';
import { finished } from '../videos/store';

const chosenIds = signal<string[]>([]);
const most = 2;

/** The videos to compare, in the order in which they were chosen. */
export const chosen = computed(() => chosenIds.value.flatMap((id) => finished.value.find((v) => v.id === id) ?? []));
export const comparing = signal(false);

export const isChosen = (id: string) => chosenIds.value.includes(id);
export const clearChoice = () => (chosenIds.value = []);

/** A third choice takes the place of the oldest. */
export function choose(id: string, wanted: boolean) {
  const others = chosenIds.value.filter((other) => other !== id);
  chosenIds.value = wanted ? [...others, id].slice(-most) : others;
}
