import { chosen, clearChoice, comparing } from './selection';

export function CompareBar() {
  const chosenNow = chosen.value.length;
  if (chosenNow === 0) return null;
  return (
    <section class="compare-bar" aria-label="Comparison">
      <p>{chosenNow === 1 ? 'Choose one more video to compare.' : 'Two videos chosen.'}</p>
      <button type="button" class="button" onClick={clearChoice}>Clear</button>
      {chosenNow === 2 && <button type="button" class="button primary" onClick={() => (comparing.value = true)}>Compare 2 videos</button>}
    </section>
  );
}
