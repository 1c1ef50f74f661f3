import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

interface Props<T> {
  items: T[];
  ordered?: boolean;
  children: (item: T, index: number) => ComponentChildren;
}

const shownAtFirst = 20;

/** A queue may hold a thousand: the first rows, and a button for the rest. */
export function LimitedList<T>({ items, ordered, children }: Props<T>) {
  const all = useSignal(false);
  const List = ordered ? 'ol' : 'ul';
  const shown = all.value ? items : items.slice(0, shownAtFirst);
  return (
    <>
      <List class="rows card">{shown.map(children)}</List>
      {items.length > shownAtFirst && (
        <button type="button" class="button more" onClick={() => (all.value = !all.value)}>
          {all.value ? `Show the first ${shownAtFirst}` : `Show all ${items.length}`}
        </button>
      )}
    </>
  );
}
