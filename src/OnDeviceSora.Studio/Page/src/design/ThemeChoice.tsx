import { theme, themes, type Theme } from './theme';

const names: Record<Theme, string> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

export function ThemeChoice() {
  return (
    <label class="theme-choice">
      <span>Theme</span>
      <select value={theme.value} onChange={(e) => (theme.value = e.currentTarget.value as Theme)}>
        {themes.map((t) => <option key={t} value={t}>{names[t]}</option>)}
      </select>
    </label>
  );
}
