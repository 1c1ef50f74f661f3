import { useSignal } from '@preact/signals';
import type { Video } from '../api/types';
import { settingsOf } from '../videos/settings';

export function SettingsDiff({ left, right }: { left: Video; right: Video }) {
  const all = useSignal(false);
  const rightSettings = settingsOf(right);
  const rows = settingsOf(left).map((s, index) => ({ name: s.name, left: s.value, right: rightSettings[index]!.value }));
  const shown = rows.filter((row) => all.value || row.left !== row.right);
  return (
    <section class="settings-diff" aria-labelledby="diff-heading">
      <div class="section-header">
        <h3 id="diff-heading">Settings</h3>
        <label class="check"><input type="checkbox" checked={all.value} onChange={(e) => (all.value = e.currentTarget.checked)} /> Show all settings</label>
      </div>
      {shown.length === 0 ? <p class="muted">They have the same settings.</p> : (
        <table>
          <thead><tr><th scope="col">Setting</th><th scope="col">Left</th><th scope="col">Right</th></tr></thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.name} class={row.left === row.right ? '' : 'differs'}>
                <th scope="row">{row.name}</th><td>{row.left}</td><td>{row.right}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
