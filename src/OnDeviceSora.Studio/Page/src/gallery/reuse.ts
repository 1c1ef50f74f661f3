import type { Video } from '../api/types';
import { capabilities } from '../compose/capabilities';
import { reuse } from '../compose/draft';
import { announce } from '../design/announcer';

/** Fills the form, and takes the user to it. */
export function reuseSettings(video: Video) {
  if (!capabilities.value) return;
  reuse(video, capabilities.value.presets);
  announce('The form has the settings of this video.');
  // After a dialog around the button has closed and given its focus back.
  requestAnimationFrame(() => document.querySelector<HTMLElement>('#field-prompt')?.focus());
}
