import { parseDocument, type DocumentKind, type ParsedDocument } from '../base/versioned-document.ts';
import { isCount, isFlag, isSeconds, isText, oneOf, optional, orNull, type Shape } from '../base/shape.ts';
import { OUTCOMES } from '../run/facts/outcome.ts';
import type { Document } from './documents.ts';

const texts: Shape = { list: isText };
const span: Shape = { fields: { what: isText, startMs: isSeconds, endMs: isSeconds } };
const mark: Shape = { fields: { atMs: isSeconds, text: isText } };
const TIMELINE: Shape = {
  fields: {
    durationMs: isSeconds,
    units: {
      list: {
        fields: {
          ...{ id: isText, play: isText, totalBytes: isCount },
          phases: { list: span },
          waits: { list: span },
          gaps: { list: { fields: { startMs: isSeconds, endMs: isSeconds } } },
          sent: { list: { fields: { atMs: isSeconds, bytes: isCount } } },
          marks: { list: mark },
        },
      },
    },
    stops: { list: mark },
  },
};
const TOPOLOGY: Shape = {
  fields: {
    adapters: { list: { fields: { id: isText, driver: orNull(isText) } } },
    links: {
      list: {
        fields: {
          adapter: isText,
          from: orNull(isText),
          to: isText,
          lanes: orNull(isCount),
          rate: orNull(isText),
        },
      },
    },
    units: {
      list: {
        fields: {
          ...{ id: isText, type: isText, vendor: isText, product: isText, revision: isText },
          ...{ enclosure: orNull(isText), nickname: orNull(isText), ownExpanders: texts, users: texts },
          paths: {
            list: {
              fields: {
                ...{ hctl: isText, node: orNull(isText), block: orNull(isText), running: isFlag },
                expanders: orNull(texts),
                slot: orNull({ fields: { enclosure: isText, name: isText } }),
                darkWith: texts,
              },
            },
          },
        },
      },
    },
  },
};
const FAILURE: Shape = {
  fields: {
    ...{ message: isText, next: isText, layer: isText, code: isText },
    cdb: orNull(isText),
    offset: orNull(isCount),
    sense: orNull({ fields: { key: isCount, asc: isCount, ascq: isCount, text: isText } }),
  },
};
const UNIT = {
  id: isText,
  paths: texts,
  vendor: isText,
  product: isText,
  reason: orNull(isText),
  error: orNull(FAILURE),
};
const RESULT: Shape = {
  fields: {
    ...UNIT,
    play: isText,
    outcome: oneOf(...OUTCOMES),
    ...{ before: orNull(isText), after: orNull(isText), pending: orNull(texts) },
    ...{ bytes: isCount, chunks: isCount, seconds: isSeconds },
  },
};
const DECISION: Shape = {
  fields: { ...UNIT, play: orNull(isText), action: isText, revision: isText, target: orNull(isText) },
};
const EXIT: Shape = { fields: { code: isCount, name: isText } };
const REFUSALS: Shape = { list: { fields: { play: isText, reason: isText, error: FAILURE } } };
const PLAYS: Shape = {
  list: {
    fields: {
      name: isText,
      image: { fields: { file: isText, bytes: isCount, sha256: isText, revision: isText } },
    },
  },
};
const COMMON = {
  command: orNull(isText),
  exit: EXIT,
  error: orNull(FAILURE),
  diagnostics: { list: { fields: { file: isText, message: isText, code: isText, severity: isText } } },
};
const REPORT: DocumentKind = {
  format: 'runbook.report/1',
  what: 'a report',
  shape: {
    fields: {
      ...COMMON,
      run: orNull(isText),
      devices: { list: RESULT },
      images: optional({
        list: { fields: { play: isText, file: isText, sha256: isText, revision: isText } },
      }),
      timeline: optional(TIMELINE),
      topology: optional(TOPOLOGY),
      notes: optional({
        list: { fields: { device: orNull(isText), message: isText, next: orNull(isText) } },
      }),
    },
  },
};
const PLAN: DocumentKind = {
  format: 'runbook.plan/1',
  what: 'a plan',
  shape: {
    fields: {
      ...COMMON,
      plays: PLAYS,
      devices: { list: DECISION },
      refusals: REFUSALS,
      topology: optional(TOPOLOGY),
    },
  },
};
const PLANS: DocumentKind = {
  format: 'runbook.plans/1',
  what: 'plans of several hosts',
  shape: {
    fields: {
      ...COMMON,
      plays: PLAYS,
      hosts: {
        list: {
          fields: {
            ...{ host: isText, recorded: isText, exit: EXIT },
            devices: { list: DECISION },
            refusals: REFUSALS,
            topology: optional(TOPOLOGY),
          },
        },
      },
    },
  },
};

/** A document of which a report can be made again, as it was written. */
export const readReport = (text: string): ParsedDocument<Document> =>
  parseDocument(text, REPORT, PLAN, PLANS);
