import type { Plan } from '../api/types';
import { count, duration, memory } from '../videos/format';
import { errors, ownErrors, plan, refusal } from './plan';

export function PlanSummary() {
  return (
    <div class="plan" role="group" aria-label="Plan">
      {plan.value && Object.keys(errors.value).length === 0 ? <Expected plan={plan.value} /> : <Impossible />}
    </div>
  );
}

function Expected({ plan }: { plan: Plan }) {
  const share = Math.min(1, plan.peak_memory_mb / plan.budget_mb);
  return (
    <>
      <p><strong>{timeInWords(plan)}</strong>, {memory(plan.peak_memory_mb)} of {memory(plan.budget_mb)} memory.</p>
      <meter min={0} max={1} value={share} aria-label="Share of the memory" />
      <p class="muted">{queueInWords(plan)}</p>
      {plan.adjusted.map((note) => <p class="note" key={note}>{note}</p>)}
    </>
  );
}

const timeInWords = ({ expected_s }: Plan) => (expected_s === null ? 'Time unknown' : `About ${duration(expected_s)}`);

const queueInWords = (plan: Plan) =>
  plan.waiting === 0 ? 'It starts at once.' : `${count(plan.waiting, 'video')} before it: starts in about ${duration(plan.waiting_s)}.`;

function Impossible() {
  if (Object.keys(ownErrors.value).length > 0) return <p class="muted">See the note at the field that cannot be like this.</p>;
  return refusal.value ? <p class="error">{refusal.value.message}</p> : <p class="muted">Working out time and memory…</p>;
}
