import { Field } from '../design/Field';
import { draft, edit } from './draft';
import { examples } from './examples';
import { errors } from './plan';

interface Props {
  missing: boolean;
  onSubmit: () => void;
}

export function Prompt({ missing, onSubmit }: Props) {
  const submitByKeys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSubmit();
  };
  const error = missing ? 'Write what the video should show.' : errors.value.prompt;
  return (
    <div>
      <Field name="prompt" label="Prompt" error={error} help={<>What should be seen, and how it moves. <span class="keys">Ctrl+Enter generates.</span></>}>
        {(attributes) => (
          <textarea
            {...attributes} rows={3} placeholder={examples[0]} value={draft.value!.prompt}
            onInput={(e) => edit({ prompt: e.currentTarget.value })} onKeyDown={submitByKeys}
          />
        )}
      </Field>
      <ul class="examples" aria-label="Example prompts">
        {examples.map((text) => (
          <li key={text}><button type="button" class="example" onClick={() => edit({ prompt: text })}>{text}</button></li>
        ))}
      </ul>
    </div>
  );
}
