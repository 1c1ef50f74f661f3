import type { Preset } from '../api/types';
import { choosePreset, custom, draft, edit } from './draft';

interface Props {
  presets: Preset[];
  whenCustom: () => void;
}

export function PresetChoice({ presets, whenCustom }: Props) {
  const chooseCustom = () => {
    edit({ preset: custom });
    whenCustom();
  };
  return (
    <fieldset class="presets" role="radiogroup" aria-label="Preset">
      <legend>Preset</legend>
      {presets.map((p) => <Choice key={p.id} id={p.id} title={p.title} description={p.description} onChoose={() => choosePreset(p)} />)}
      <Choice id={custom} title="Custom" description="Your own settings, below." onChoose={chooseCustom} />
    </fieldset>
  );
}

interface ChoiceProps {
  id: string;
  title: string;
  description: string;
  onChoose: () => void;
}

function Choice({ id, title, description, onChoose }: ChoiceProps) {
  return (
    <div class="preset">
      <input
        type="radio" name="preset" id={`preset-${id}`} aria-describedby={`preset-${id}-description`}
        checked={draft.value!.preset === id} onChange={onChoose}
      />
      <label for={`preset-${id}`}>{title}</label>
      <p id={`preset-${id}-description`}>{description}</p>
    </div>
  );
}
