import { RunbookError } from '../base/errors.ts';
import {
  firstMismatch,
  isCount,
  isFlag,
  isText,
  isTime,
  oneOf,
  optional,
  orNull,
  type Shape,
} from '../base/shape.ts';
import { UNIT_RECORD } from '../run/records/unit-record.ts';
import { readInventory, type Inventory, type WrittenInventory } from './inventory.ts';

/** The file is no inventory that can be planned against. */
export class InventoryError extends RunbookError<
  'not-json' | 'not-an-inventory' | 'other-format' | 'damaged'
> {}

const INVENTORY_FORMAT = 'runbook.devices/1';
const RECORD = 'record it on the host: runbook devices --probe --format json > FILE';

const isHex = (value: unknown): boolean => typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value);

/** Every field of an object, whatever its name. */
const each =
  (shape: Shape, isName: (name: string) => boolean): Shape =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, entry]) => isName(name) && firstMismatch(entry, shape) === null);

const text = isText;
const count = isCount;
const words: Shape = { list: text };

const ATTACHED: Shape = {
  fields: {
    hctl: (value) => typeof value === 'string' && /^\d+:\d+:\d+:\d+$/.test(value),
    deviceType: count,
    vendor: text,
    product: text,
    revision: text,
    sasAddress: orNull(text),
    hbaDriver: orNull(text),
    sgNode: orNull(text),
    blockNode: orNull(text),
    wwid: orNull(text),
    state: text,
    limits: { fields: { maximumTransferBytes: orNull(count), scatterGatherEntries: orNull(count) } },
  },
};

const ENCLOSURE: Shape = {
  fields: {
    subenclosureId: count,
    relativeProcessId: count,
    processCount: count,
    logicalIdentifier: text,
    vendor: text,
    product: text,
    revision: text,
    vendorSpecific: isHex,
  },
};

const SEEN: Shape = {
  fields: {
    identity: { fields: { logicalUnit: orNull(text), designators: words, serialNumber: orNull(text) } },
    deviceType: count,
    vendor: text,
    product: text,
    revision: text,
    enclosures: orNull({ list: ENCLOSURE }),
    pages: each(orNull(isHex), (name) => name === 'standard' || /^\d{1,3}$/.test(name)),
  },
};

const SURROUNDINGS: Shape = {
  fields: {
    expanders: orNull(words),
    inSlots: words,
    users: words,
    isSata: isFlag,
    raidLevel: optional(orNull(text)),
  },
};

const FAILURE: Shape = {
  fields: {
    layer: oneOf('open', 'kernel', 'host-adapter', 'transport', 'device', 'procedure'),
    message: text,
    next: text,
    cdb: orNull(text),
    offset: orNull(count),
    sense: orNull({ fields: { key: count, asc: count, ascq: count, text } }),
  },
};

const DEAD: Shape = {
  fields: {
    unit: text,
    run: text,
    lastAt: text,
    device: { fields: { id: text, imageSha256: text, facts: { fields: {} } } },
    knowledge: { fields: { known: text, text, next: orNull(text), verifyFirst: isFlag } },
  },
};

const MEMORY: Shape = {
  fields: {
    problem: (value) => value === null,
    bootId: orNull(text),
    units: { list: UNIT_RECORD },
    dead: { list: DEAD },
  },
};

/** Throws InventoryError, which names the place in the file. */
export function parseInventory(content: string): Inventory {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new InventoryError('not-json', `is not JSON (${why}); ${RECORD}`);
  }
  const format = fieldOf(value, 'format');
  if (typeof format !== 'string' || !format.startsWith('runbook.devices/'))
    throw new InventoryError('not-an-inventory', `is not what \`runbook devices\` writes; ${RECORD}`);
  if (format !== INVENTORY_FORMAT)
    throw new InventoryError(
      'other-format',
      `has format ${format}, and this version reads ${INVENTORY_FORMAT}`,
    );
  const written = fieldOf(value, 'inventory');
  if (written === undefined || written === null)
    throw new InventoryError(
      'not-an-inventory',
      `was written without --probe: no device was asked; ${RECORD}`,
    );
  const place = mismatch(written);
  if (place !== null) {
    const version = fieldOf(written, 'runbook');
    const by = typeof version === 'string' ? ` (recorded by runbook ${version})` : '';
    throw new InventoryError(
      'damaged',
      `/inventory${place} is not what an inventory has there${by}; ${RECORD}`,
    );
  }
  return readInventory(written as WrittenInventory);
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (Reflect.get(value, name) as unknown)
    : undefined;

/** Fields that may be null are looked into where they are not, so that the place is exact. */
function mismatch(written: unknown): string | null {
  const head = {
    host: text,
    recorded: isTime,
    runbook: text,
    paths: { list: { fields: { attached: ATTACHED } } },
  };
  const wrong = firstMismatch(written, { fields: head });
  if (wrong !== null) return wrong;
  const { paths } = written as WrittenInventory;
  for (const [index, path] of paths.entries()) {
    for (const [name, shape] of [
      ['surroundings', SURROUNDINGS],
      ['seen', SEEN],
      ['problem', FAILURE],
    ] as const) {
      const part = fieldOf(path, name);
      const at = part === null ? null : firstMismatch(part, shape, `/paths/${index}/${name}`);
      if (at !== null) return at;
    }
  }
  const memory = fieldOf(written, 'memory');
  return typeof fieldOf(memory, 'problem') === 'string' ? null : firstMismatch(memory, MEMORY, '/memory');
}
