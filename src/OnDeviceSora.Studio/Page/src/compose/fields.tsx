import type { ComponentChildren } from 'preact';
import { Field } from '../design/Field';
import { draft, edit } from './draft';
import { errors } from './plan';
import type { FieldName } from './rules';

interface TextProps {
  name: FieldName;
  label: string;
  help?: string;
  placeholder?: string;
  inputMode?: 'numeric' | 'decimal';
}

/** Numbers are typed as text: nothing is lost while they are half written, and no wheel changes them by accident. */
export function TextField({ name, label, help, ...input }: TextProps) {
  return (
    <Field name={name} label={label} help={help} error={errors.value[name]}>
      {(attributes) => (
        <input
          {...attributes} {...input} type="text" autocomplete="off" spellcheck={false}
          value={draft.value![name]} onInput={(e) => edit({ [name]: e.currentTarget.value })}
        />
      )}
    </Field>
  );
}

interface ChoiceProps {
  name: FieldName;
  label: string;
  help?: string;
  children: ComponentChildren;
}

export function ChoiceField({ name, label, help, children }: ChoiceProps) {
  return (
    <Field name={name} label={label} help={help} error={errors.value[name]}>
      {(attributes) => (
        <select {...attributes} value={draft.value![name]} onChange={(e) => edit({ [name]: e.currentTarget.value })}>{children}</select>
      )}
    </Field>
  );
}
