import { useEffect, useRef, useState } from 'preact/hooks';
import { getPreview } from '../api/client';
import type { Step } from '../api/types';
import { reducedMotion } from '../design/theme';

const restMs = 500;

/** What the video looks like so far. The next picture is asked for a while after the one before it has arrived: the server has a video to make. */
export function Preview({ id, step }: { id: string; step: Step | undefined }) {
  const [url, setUrl] = useState<string | null>(null);
  const busy = useRef(false);
  const still = reducedMotion.value;

  useEffect(() => {
    if (!step?.preview || step.stage !== 'denoising' || busy.current) return;
    busy.current = true;
    getPreview(id, still ? 'still=true' : '')
      .then((picture) => setUrl(URL.createObjectURL(picture)))
      .catch(() => {}) // It may be finished or gone by now; the page is about to hear so.
      .finally(() => setTimeout(() => (busy.current = false), restMs));
  }, [id, step]);
  useEffect(() => () => { if (url) URL.revokeObjectURL(url); }, [url]);

  if (!url) return <div class="picture forming"><p>The first picture appears after the first step.</p></div>;
  return <img class="picture" src={url} alt="What the video looks like so far" />;
}
