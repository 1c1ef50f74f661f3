const quietMs = 50;

/** Gathers what comes in a burst, so that the page is drawn once for all of it. */
export function gather<T>(use: (items: T[]) => void): (item: T) => void {
  let items: T[] = [];
  const flush = () => {
    const gathered = items;
    items = [];
    use(gathered);
  };
  return (item) => {
    if (items.push(item) === 1) setTimeout(flush, quietMs);
  };
}
