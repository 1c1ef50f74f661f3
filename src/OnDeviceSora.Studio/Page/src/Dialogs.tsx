import { CompareDialog } from './compare/CompareDialog';
import { chosen, comparing } from './compare/selection';
import { DeleteDialog } from './gallery/DeleteDialog';
import { RemixDialog } from './gallery/RemixDialog';
import { VideoDetails } from './gallery/VideoDetails';
import { SignIn } from './session/SignIn';
import { mustSignIn } from './session/session';
import { deleting, remixing } from './videos/actions';
import { selectedId } from './videos/selected';
import { videoOf } from './videos/store';

/** In the order in which they may lie on each other. */
export function Dialogs() {
  if (mustSignIn.value) return <SignIn />;
  const details = selectedId.value && videoOf(selectedId.value);
  const [left, right] = chosen.value;
  return (
    <>
      {comparing.value && left && right && <CompareDialog key="compare" left={left} right={right} />}
      {details && <VideoDetails key={details.id} video={details} />}
      {remixing.value && <RemixDialog key="remix" video={remixing.value} />}
      {deleting.value && <DeleteDialog key="delete" video={deleting.value} />}
    </>
  );
}
