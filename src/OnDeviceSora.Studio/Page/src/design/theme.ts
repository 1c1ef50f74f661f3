import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
export const themes: Theme[] = ['auto', 'light', 'dark'];

const key = 'theme';
const stored = localStorage.getItem(key) as Theme | null;
const dark = matchMedia('(prefers-color-scheme: dark)');
const still = matchMedia('(prefers-reduced-motion: reduce)');

export const theme = signal<Theme>(stored && themes.includes(stored) ? stored : 'auto');
const systemIsDark = signal(dark.matches);
dark.addEventListener('change', () => (systemIsDark.value = dark.matches));

/** Whether the user asked the system for less motion. */
export const reducedMotion = signal(still.matches);
still.addEventListener('change', () => (reducedMotion.value = still.matches));

/** Changes whenever the colours of the page do. */
export const colours = () => (theme.value === 'auto' ? (systemIsDark.value ? 'dark' : 'light') : theme.value);

export const applyTheme = () =>
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    localStorage.setItem(key, theme.value);
  });
