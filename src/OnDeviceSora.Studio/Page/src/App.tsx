import { useSignalEffect } from '@preact/signals';
import { CompareBar } from './compare/CompareBar';
import { capabilities } from './compose/capabilities';
import { Compose } from './compose/Compose';
import { Announcer } from './design/announcer';
import { ThemeChoice } from './design/ThemeChoice';
import { Dialogs } from './Dialogs';
import { Gallery } from './gallery/Gallery';
import { Queue } from './queue/Queue';
import { leave, session } from './session/session';
import { connectionLost } from './videos/live';
import { running } from './videos/store';
import { NowGenerating } from './watch/NowGenerating';

const title = 'On-device Sora';

export function App() {
  useSignalEffect(() => {
    document.title = running.value ? `${running.value.progress} % – ${title}` : title;
  });
  return (
    <>
      <Header />
      <main class="layout">
        <div class="make"><Compose /></div>
        <div class="watch">
          <NowGenerating />
          <Queue />
          <Gallery />
        </div>
      </main>
      <CompareBar />
      <Announcer />
      <Dialogs />
    </>
  );
}

function Header() {
  return (
    <header class="page-header">
      <h1><img src="icon.svg" alt="" width={32} height={32} /> {title}</h1>
      {capabilities.value && <p class="muted model">{capabilities.value.model.id}</p>}
      {connectionLost.value && <p class="note" role="status">The server does not answer. Trying again…</p>}
      <div class="page-tools">
        {session.value?.required && session.value.signed_in && <button type="button" class="button" onClick={leave}>Sign out</button>}
        <ThemeChoice />
      </div>
    </header>
  );
}
