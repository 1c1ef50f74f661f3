import { draft } from './draft';
import { ChoiceField, TextField } from './fields';

export function Advanced() {
  return (
    <div class="stack">
      <TextField name="steps" label="Steps" inputMode="numeric" help="How often the picture is refined. More takes longer and is usually cleaner." />
      <TextField name="guidance" label="Guidance scale" inputMode="decimal" help="How closely to follow the words. Higher is more literal, too high looks harsh." />
      <ChoiceField name="leap" label="Leap" help="Go the rest of the way in one step once it is nearly straight: saves the steps after it.">
        <option value="off">Off: take every step</option>
        <option value="auto">Automatic: when steps become alike</option>
        <option value="step">After as many steps as you choose</option>
      </ChoiceField>
      {draft.value!.leap === 'step' && <TextField name="leapStep" label="Leap after" inputMode="numeric" help="How many full steps to take before the leap." />}
      <TextField name="mergeSteps" label="Merge steps" inputMode="numeric" help="For how many first steps pairs of frames are computed as one: faster, a little less motion detail." />
      <TextField name="fps" label="Frames per second" inputMode="numeric" help="How fast it plays. The model sees it, too: other frames come out." />
      <TextField name="memory" label="Memory" placeholder="As the server decides" help="The most it may use, such as 1.5GB. Less memory makes it slower, never different." />
    </div>
  );
}
