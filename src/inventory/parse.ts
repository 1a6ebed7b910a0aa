import { RunbookError } from '../base/errors.ts';
import { FACTS } from '../base/facts.ts';
import { REFUSAL } from '../base/refusal.ts';
import {
  fieldOf,
  isCount,
  isFlag,
  isHex,
  isText,
  isTime,
  oneOf,
  optional,
  orNull,
  type Shape,
} from '../base/shape.ts';
import { parseDocument, type DocumentKind } from '../base/versioned-document.ts';
import { UNIT_RECORD } from '../run/records/unit-record.ts';
import { readInventory, type Inventory, type WrittenInventory } from './inventory.ts';

/** The file is not an inventory that can be planned against. */
export class InventoryError extends RunbookError<
  'not-json' | 'not-an-inventory' | 'other-format' | 'damaged'
> {}

const INVENTORY_FORMAT = 'runbook.devices/1';
const RECORD = 'record it on the host: runbook devices --probe --format json > FILE';

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

const HEALTH: Shape = {
  fields: {
    bits: { list: oneOf('noncritical', 'critical', 'unrecoverable') },
    elements: {
      list: { fields: { subenclosureId: count, elementType: count, index: count, text, code: count } },
    },
  },
};

/** A fact that was read, or why it was not. */
const fact = (shape: Shape, unreadable: Readonly<Record<string, Shape>> = {}): Shape => ({
  shapeOf: (value) => {
    const kind = fieldOf(value, 'kind');
    if (kind === 'present') return { fields: { value: shape } };
    return {
      fields: kind === 'unreadable' ? { why: REFUSAL, ...unreadable } : { kind: oneOf('absent') },
    };
  },
});

const UNREADABLE: Shape = {
  list: { fields: { fact: oneOf(...Object.keys(FACTS)), why: REFUSAL } },
};

const SEEN: Shape = {
  fields: {
    identity: {
      fields: {
        logicalUnit: orNull(text),
        designators: words,
        serialNumber: orNull(text),
        targetDevice: optional(words),
        unread: optional({ list: oneOf('vpd-80h', 'vpd-83h') }),
      },
    },
    deviceType: count,
    vendor: text,
    product: text,
    revision: text,
    enclosures: orNull({ list: ENCLOSURE }),
    health: optional(fact(HEALTH, { by: optional(oneOf('ses-00h', 'ses-01h')) })),
    listedPages: optional(orNull({ list: count })),
    nickname: optional(text),
    unreadable: optional(UNREADABLE),
    affects: optional(oneOf('not-said', 'this-unit', 'several-units', 'all-units')),
    pages: { map: orNull(isHex), isName: (name) => name === 'standard' || /^\d{1,3}$/.test(name) },
  },
};

const SURROUNDINGS: Shape = {
  fields: {
    expanders: orNull(words),
    inSlots: words,
    users: words,
    isSata: isFlag,
    raidLevel: optional(orNull(text)),
    unreadable: optional(UNREADABLE),
    links: optional({ list: orNull({ fields: { lanes: count, rate: orNull(text) } }) }),
    enclosureId: optional(orNull(text)),
    slotNames: optional(words),
  },
};

const INTERRUPTED: Shape = {
  fields: {
    unit: text,
    run: text,
    lastAt: text,
    device: { fields: { id: text, imageSha256: text, facts: { fields: {} } } },
    knowledge: { fields: { known: text, text, next: orNull(text), verifyFirst: isFlag } },
  },
};

const UNREAD: Shape = { fields: { problem: text } };
const MEMORY: Shape = {
  fields: {
    problem: (value) => value === null,
    bootId: orNull(text),
    units: { list: UNIT_RECORD },
    dead: { list: INTERRUPTED },
  },
};

const KIND: DocumentKind = {
  format: INVENTORY_FORMAT,
  what: 'what `runbook devices` writes',
  shape: {
    fields: {
      inventory: optional(
        orNull({
          fields: {
            host: text,
            recorded: isTime,
            runbook: text,
            paths: {
              list: {
                fields: {
                  attached: ATTACHED,
                  surroundings: orNull(SURROUNDINGS),
                  seen: orNull(SEEN),
                  problem: orNull(REFUSAL),
                },
              },
            },
            memory: {
              shapeOf: (value) => (typeof fieldOf(value, 'problem') === 'string' ? UNREAD : MEMORY),
            },
          },
        }),
      ),
    },
  },
  writer: (value) => fieldOf(fieldOf(value, 'inventory'), 'runbook'),
};

const FAULTS = {
  'not-json': 'not-json',
  'other-kind': 'not-an-inventory',
  'other-version': 'other-format',
  damaged: 'damaged',
} as const;

/** Throws InventoryError, which names the place in the file. */
export function parseInventory(content: string): Inventory {
  const parsed = parseDocument<{ readonly inventory?: WrittenInventory | null }>(content, KIND);
  if (parsed.fault !== null) throw new InventoryError(FAULTS[parsed.fault], `${parsed.message}; ${RECORD}`);
  const { inventory } = parsed.value;
  if (inventory == null)
    throw new InventoryError(
      'not-an-inventory',
      `was written without --probe: no device was asked; ${RECORD}`,
    );
  return readInventory(inventory);
}
