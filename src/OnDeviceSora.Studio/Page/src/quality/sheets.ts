import { element } from './element';
import type { Quality } from './results';

/** For each sentence that has pictures, a row of frames by every method. */
export const sheets = ({ prompts, methods, sheets: pictures }: Quality): HTMLElement[] =>
  (pictures[0] ?? []).map((_, sentence) => element(
    'section', {},
    element('h3', {}, prompts[sentence]!),
    ...methods.map((method, row) => element(
      'figure', {},
      element('figcaption', {}, `${method.group}: ${method.name}`),
      element('img', { src: `data:image/png;base64,${pictures[row]![sentence]}`, alt: `Six frames of “${prompts[sentence]}” by ${method.group}, ${method.name}` }),
    )),
  ));
