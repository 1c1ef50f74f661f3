import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { ApiError, createVideo } from '../api/client';
import type { Capabilities } from '../api/types';
import { announce, complain } from '../design/announcer';
import { Section } from '../design/Section';
import { called } from '../videos/format';
import { put } from '../videos/store';
import { Advanced } from './Advanced';
import { Basics } from './Basics';
import { capabilities } from './capabilities';
import { draft, toRequest } from './draft';
import { errors, ownErrors, refuse } from './plan';
import { PlanSummary } from './PlanSummary';
import { PresetChoice } from './PresetChoice';
import { Prompt } from './Prompt';
import { fieldOf } from './rules';
import { Sent, sentId } from './Sent';

const advancedFields = ['steps', 'guidance', 'leap', 'leapStep', 'mergeSteps', 'fps', 'memory'] as const;

export function Compose() {
  const can = capabilities.value;
  return (
    <Section id="compose" title="New video">
      {can && draft.value ? <Form can={can} /> : <p class="empty">Asking the server what it can make…</p>}
    </Section>
  );
}

function Form({ can }: { can: Capabilities }) {
  const form = useRef<HTMLFormElement>(null);
  const advanced = useSignal(false);
  const busy = useSignal(false);
  const missingPrompt = useSignal(false);

  useSignalEffect(() => {
    if (advancedFields.some((field) => errors.value[field])) advanced.value = true;
    if (draft.value?.prompt.trim()) missingPrompt.value = false;
  });

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    missingPrompt.value = draft.value!.prompt.trim() === '';
    if (missingPrompt.value || Object.keys(ownErrors.value).length > 0) {
      focusFirstError(form.current!);
      return;
    }
    busy.value = true;
    try {
      const video = await createVideo(toRequest(draft.value!));
      put(video);
      sentId.value = video.id;
      announce(`${called(video)} is in the queue.`);
    } catch (reason) {
      tell(reason);
      focusFirstError(form.current!);
    }
    busy.value = false;
  };

  return (
    <form ref={form} class="card compose-form" onSubmit={submit} noValidate>
      <div class="compose-fields stack">
        <Prompt missing={missingPrompt.value} onSubmit={() => form.current!.requestSubmit()} />
        <PresetChoice presets={can.presets} whenCustom={() => (advanced.value = true)} />
        <Basics can={can} />
        <details class="advanced" open={advanced.value} onToggle={(e) => (advanced.value = e.currentTarget.open)}>
          <summary>Advanced settings</summary>
          <Advanced />
        </details>
      </div>
      <div class="compose-end">
        <PlanSummary />
        <button class="button primary generate" aria-disabled={busy.value ? 'true' : undefined}>Generate</button>
        <Sent />
      </div>
    </form>
  );
}

function tell(reason: unknown) {
  if (reason instanceof ApiError && fieldOf(reason.param)) refuse(reason);
  else complain((reason as Error).message);
}

/** In the next frame, when the field has been marked. */
const focusFirstError = (form: HTMLFormElement) =>
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid]')?.focus());
