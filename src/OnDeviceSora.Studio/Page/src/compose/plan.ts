import { computed, effect, signal } from '@preact/signals';
import { ApiError, planVideo } from '../api/client';
import type { Plan } from '../api/types';
import { mayCall } from '../session/session';
import { connectionLost } from '../videos/live';
import { running, waiting } from '../videos/store';
import { capabilities } from './capabilities';
import { draft, toRequest } from './draft';
import { examples } from './examples';
import { errorsOf, fieldOf, type FieldErrors } from './rules';

export const plan = signal<Plan | null>(null);

/** What the server refused, until it agrees. */
export const refusal = signal<ApiError | null>(null);

export const ownErrors = computed(() => (draft.value && capabilities.value ? errorsOf(draft.value, capabilities.value) : {}));

export const errors = computed<FieldErrors>(() => {
  const field = fieldOf(refusal.value?.param ?? null);
  return field ? { [field]: refusal.value!.message, ...ownErrors.value } : ownErrors.value;
});

/** What stands before a new video, and whether the server is there to ask; steps do not count. */
const before = computed(() => `${running.value?.id} ${waiting.value.length} ${connectionLost.value}`);

const quietMs = 300;

/** Asks what the form would need whenever it, or what waits before it, has not changed for a moment. */
export const followPlan = () =>
  effect(() => {
    void before.value;
    const request = draft.value && toRequest(draft.value);
    if (!request || !mayCall.value || Object.keys(ownErrors.value).length > 0) return;

    // Without a prompt yet, an example stands in: what it costs hardly depends on the words.
    request.prompt ||= examples[0]!;
    const stale = new AbortController();
    const timer = setTimeout(() => ask(request, stale.signal), quietMs);
    return () => {
      clearTimeout(timer);
      stale.abort();
    };
  });

async function ask(request: ReturnType<typeof toRequest>, stale: AbortSignal) {
  try {
    plan.value = await planVideo(request, stale);
    refusal.value = null;
  } catch (reason) {
    if (!stale.aborted) refuse(reason);
  }
}

export function refuse(reason: unknown) {
  if (!(reason instanceof ApiError)) throw reason;
  refusal.value = reason;
  plan.value = null;
}
