import type { Capabilities } from '../api/types';
import { Icon } from '../design/Icon';
import { length, size } from '../videos/format';
import { draft, newSeed } from './draft';
import { ChoiceField, TextField } from './fields';

export function Basics({ can }: { can: Capabilities }) {
  const { size: chosen, frames, fps } = draft.value!;
  const sizes = withChosen(can.sizes, chosen);
  const lengths = withChosen(can.seconds.map((s) => String(s.num_frames)), frames);
  const rate = Number(fps) || can.defaults.fps;
  return (
    <>
      <div class="field-row">
        <ChoiceField name="size" label="Size">
          {sizes.map((s) => <option key={s} value={s}>{size(s)}</option>)}
        </ChoiceField>
        <ChoiceField name="frames" label="Length">
          {lengths.map((n) => <option key={n} value={n}>{length(Number(n), rate)}</option>)}
        </ChoiceField>
      </div>
      <div class="field-with-button">
        <TextField name="seed" label="Seed" inputMode="numeric" help="Where the noise starts. Same seed, same settings: the same video." />
        <button type="button" class="button" onClick={newSeed}><Icon name="dice" /> New seed</button>
      </div>
    </>
  );
}

/** Settings that are used again may be none of those that the model suggests. */
const withChosen = (suggested: string[], chosen: string) => (suggested.includes(chosen) ? suggested : [...suggested, chosen]);
