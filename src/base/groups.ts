/** Puts a value behind those of its key. */
export function addTo<Key, Value>(groups: Map<Key, [Value, ...Value[]]>, key: Key, value: Value): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** Items of one key together, in the order in which the first of each came. */
export function groupsBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): [Item, ...Item[]][] {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) addTo(groups, keyOf(item), item);
  return [...groups.values()];
}
