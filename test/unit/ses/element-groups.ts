import { DecodeError } from '../../../src/base/errors.ts';
import type { TypeDescriptor } from '../../../src/ses/configuration.ts';

/** What one page says about all elements of one type descriptor. */
export interface ElementGroup<Item> {
  readonly type: TypeDescriptor;
  readonly overall: Item;
  readonly elements: readonly Item[];
}

/**
 * Pages 02h and 07h list their items without saying whose they are: for each type descriptor of page 01h one for all
 * of them, then one per element. Throws DecodeError `bad-field` when the numbers do not agree, as after a change of the
 * enclosure; compare the generation codes first, and read both pages again.
 */
export function groupByType<Item>(
  pageName: string,
  items: readonly Item[],
  types: readonly TypeDescriptor[],
): ElementGroup<Item>[] {
  const needed = types.reduce((sum, type) => sum + 1 + type.possibleElements, 0);
  if (items.length !== needed) {
    throw new DecodeError(
      'bad-field',
      `${pageName}: it lists ${items.length} elements, the configuration page ${needed}`,
    );
  }
  let at = 0;
  return types.map((type) => {
    const overall = items[at]!;
    const elements = items.slice(at + 1, at + 1 + type.possibleElements);
    at += 1 + type.possibleElements;
    return { type, overall, elements };
  });
}
