import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './App';
import { capabilities, loadCapabilities } from './compose/capabilities';
import { startDraft } from './compose/draft';
import { followPlan } from './compose/plan';
import './design/styles.css';
import { applyTheme } from './design/theme';
import { checkSession, mayCall } from './session/session';
import { attempt } from './videos/actions';
import { followVideos } from './videos/live';
import { deselect, selectedId } from './videos/selected';
import { ensure, loaded } from './videos/store';
import { followSteps } from './watch/steps';

applyTheme();
addEventListener('DOMContentLoaded', () => {
  render(<App />, document.getElementById('app')!);
  start();
});

/** An address may outlive its video. */
function closeAndTell(reason: Error) {
  deselect();
  throw reason;
}

function start() {
  effect(() => {
    if (!mayCall.value) return undefined;
    void attempt(loadCapabilities);
    return followVideos();
  });
  effect(() => {
    if (capabilities.value) startDraft(capabilities.value);
  });
  effect(() => {
    const id = selectedId.value;
    if (id && loaded.value) void attempt(() => ensure(id).catch(closeAndTell));
  });
  followPlan();
  followSteps();
  void attempt(checkSession);
}
