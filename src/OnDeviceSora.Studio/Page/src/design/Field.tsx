import type { ComponentChildren } from 'preact';

interface Described {
  id: string;
  name: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
}

interface Props {
  name: string;
  label: string;
  help?: ComponentChildren;
  error?: string | null | undefined;
  class?: string;
  children: (attributes: Described) => ComponentChildren;
}

/** A control with its label, its plain-language help and what is wrong with it. */
export function Field({ name, label, help, error, class: extra, children }: Props) {
  const id = `field-${name}`;
  const described = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(' ');
  return (
    <div class={`field ${extra ?? ''}`}>
      <label for={id}>{label}</label>
      {children({ id, name, ...(described && { 'aria-describedby': described }), ...(error && { 'aria-invalid': true as const }) })}
      {error && <p class="error" id={`${id}-error`}>{error}</p>}
      {help && <p class="help" id={`${id}-help`}>{help}</p>}
    </div>
  );
}
