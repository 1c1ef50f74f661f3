import { useEffect, useRef, useState } from 'preact/hooks';
import { getPreview } from '../api/client';
import type { Step } from '../api/types';
import { reducedMotion } from '../design/theme';

/** Between pictures: the server has a video to make, and a picture is there a moment after its step. */
const restMs = 500;

const hasPreview = (step: Step | undefined) => step?.preview === true && step.stage === 'denoising';

/** What the video looks like so far. One picture is asked for at a time, and none once the last stage deletes them. */
export function Preview({ id, step }: { id: string; step: Step | undefined }) {
  const [url, setUrl] = useState<string | null>(null);
  const busy = useRef(false);
  const latest = useRef(step);
  latest.current = step;

  useEffect(() => () => void (latest.current = undefined), []);
  useEffect(() => {
    if (busy.current || !hasPreview(step)) return;
    busy.current = true;
    setTimeout(async () => {
      const picture = hasPreview(latest.current) ? await pictureOf(id) : null;
      if (picture) setUrl(picture);
      busy.current = false;
    }, restMs);
  }, [step]);
  useEffect(() => () => { if (url) URL.revokeObjectURL(url); }, [url]);

  if (!url) return <div class="picture forming"><p>The first picture appears after the first steps.</p></div>;
  return <img class="picture" src={url} alt="What the video looks like so far" />;
}

/** Null when it is finished or gone meanwhile; the page is about to hear so. */
const pictureOf = (id: string) =>
  getPreview(id, reducedMotion.peek()).then((picture) => URL.createObjectURL(picture), () => null);
