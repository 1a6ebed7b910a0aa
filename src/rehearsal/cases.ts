import { endModeOf, isDeferred } from '../playbook/modes.ts';
import { isPersonStep } from '../playbook/steps.ts';
import type { ResolvedPlay, ResolvedSection } from '../playbook/resolved.ts';
import { OperationCode } from '../scsi/command.ts';
import type { SenseFields } from '../scsi/sense.ts';
import { HostStatus } from '../scsi/status.ts';
import { WRITE_BUFFER_MODES } from '../scsi/write-buffer.ts';
import { answerTestUnitReady } from '../simulator/behaviors/readiness.ts';
import { dropWhenStatusIsRead, endWithStatus, startUnread } from '../simulator/behaviors/ses-peculiar.ts';
import type { FaultTrigger } from '../simulator/faults.ts';
import { ElementStatusCode, ElementType } from '../ses/element-type.ts';
import { withElements } from '../simulator/lab-health.ts';
import type { SesElements } from '../simulator/ses-rules.ts';
import { SAYS_LITTLE } from '../simulator/fitting-persona.ts';
import { chunksSent, shownFor } from './made-devices.ts';
import type { PlayChain } from './made-devices.ts';
import { fitsModules } from './made-host.ts';
import type { Twist } from './made-host.ts';
import type { Persona } from '../simulator/simulated-device.ts';

/** One thing that devices do in the field, tried on the first unit of each play. */
export interface RehearsalCase {
  readonly name: string;
  /** What the simulated device does. */
  readonly what: string;
  /** null: does not apply to the play. */
  readonly twist: (chain: PlayChain) => Twist | null;
}

/** The first one is the device that the playbook expects; all others are about what may go wrong. */
export const CASES: readonly RehearsalCase[] = [
  { name: 'as-expected', what: 'does what the playbook expects', twist: () => ({}) },
  {
    name: 'other-revision',
    what: 'starts from a revision that the playbook does not list',
    twist: (chain) => {
      const [{ match, verify }] = chain;
      if (match.revision.includes('*')) return null;
      const known = new Set([...match.revision, verify.revision].map((word) => shownFor(verify, word)));
      return { revision: OTHER_REVISIONS.find((revision) => !known.has(revision)) ?? '?' };
    },
  },
  {
    name: 'unknown-mode',
    what: 'is older and does not know the mode',
    twist: (chain) =>
      whereSent(chain, (section) => ({
        alter: withModes((mode) => mode !== WRITE_BUFFER_MODES[section.mode] || isOtherwise(section, mode)),
      })),
  },
  {
    name: 'image-refused',
    what: 'refuses the image',
    twist: (chain) =>
      whereSent(chain, ({ via }) =>
        via === 'ses'
          ? { alter: inFront(endWithStatus(0x81)) }
          : { faults: [{ when: { ...CHUNK, moment: 'last-chunk' }, sense: IMAGE_REFUSED }] },
      ),
  },
  {
    name: 'chunk-lost',
    what: 'never sees the second chunk: its answer is a time-out',
    twist: (chain) =>
      whereSent(chain, (section) =>
        chunksSent(section) < 3
          ? null
          : { faults: [{ when: { ...commandOf(section), nth: 2 }, answer: NO_ANSWER }] },
      ),
  },
  {
    name: 'power-lost',
    what: 'loses its power after the second chunk',
    twist: (chain) =>
      whereSent(chain, (section) =>
        chunksSent(section) < 3
          ? null
          : {
              faults: [
                {
                  when: { ...commandOf(section), nth: 2 },
                  executed: true,
                  then: (device) => device.powerCycle(),
                },
              ],
            },
      ),
  },
  {
    name: 'last-answer-lost',
    what: 'takes the last chunk, and its answer is lost',
    twist: (chain) =>
      whereSent(chain, (section) => ({
        faults: [
          { when: { ...commandOf(section), moment: 'last-chunk' }, executed: true, answer: NO_ANSWER },
        ],
      })),
  },
  {
    name: 'activation-lost',
    what: 'activates, and the answer is lost',
    twist: (chain) =>
      activates(chain)
        ? whereSent(chain, (section) => ({
            faults: [
              { when: { ...commandOf(section), moment: 'activation' }, executed: true, answer: NO_ANSWER },
            ],
          }))
        : null,
  },
  {
    name: 'never-shows',
    what: 'runs the new code, and its revision never changes',
    twist: (chain) =>
      chain.some(({ verify }) => verify.unchanged) || endsLater(chain)
        ? null
        : { alter: (persona) => ({ ...persona, takesEffect: 'never-shows' }) },
  },
  {
    name: 'wants-power-cycle',
    what: 'starts new code with a power cycle only',
    twist: (chain) =>
      endsLater(chain) ? null : { alter: (persona) => ({ ...persona, takesEffect: 'power-cycle' }) },
  },
  {
    name: 'status-read-drops',
    what: 'drops the download when its status is read (--non)',
    twist: (chain) =>
      whereSes(chain, () => ({
        alter: (persona) =>
          inFront(dropWhenStatusIsRead)({
            ...persona,
            ...(persona.ses && { ses: { ...persona.ses, ...SAYS_LITTLE } }),
          }),
      })),
  },
  {
    name: 'starts-early',
    what: 'restarts before its last status was read (--ealsd)',
    twist: (chain) =>
      endsLater(chain)
        ? null
        : whereSes(chain, () => ({
            alter: (persona) =>
              inFront(startUnread)({
                ...persona,
                ...(persona.ses && { ses: { ...persona.ses, writeMs: 0 } }),
              }),
          })),
  },
  {
    name: 'needs-microcode',
    what: 'says that it must not be reset (status 83h, or sense 4/44)',
    twist: (chain) =>
      whereSent(chain, ({ via }) =>
        via === 'ses'
          ? { alter: inFront(endWithStatus(0x83)) }
          : { faults: [{ when: { ...CHUNK, moment: 'last-chunk' }, sense: INTERNAL_FAILURE }] },
      ),
  },
  {
    name: 'does-not-return',
    what: 'does not come back from its restart',
    twist: (chain) =>
      endsLater(chain)
        ? null
        : { onRestart: (device) => device.leave({ forMs: FOR_GOOD_MS, removed: true }) },
  },
  {
    name: 'paths-lost',
    what: 'is one of two modules, and two paths to drives do not come back',
    twist: (chain) => {
      const fits = fitsModules(chain) && chain[0].verify.paths === 'same';
      return fits && !endsLater(chain) ? { modules: { drives: 4 }, lostPaths: 2 } : null;
    },
  },
  {
    name: 'unwell',
    what: 'is in an enclosure that runs on its last power supply',
    twist: (chain) => whereSes(chain, () => ({ alter: withHealth(SUPPLY_FAILED) })),
  },
  {
    name: 'worse-after',
    what: 'runs the new code, and a temperature sensor of its enclosure is critical then',
    twist: (chain) =>
      endsLater(chain) ? null : whereSes(chain, () => ({ alter: withHealth(SENSOR_WORSENS), worsens: true })),
  },
  {
    name: 'serial-changes',
    what: 'shows another serial number with the new code, unannounced',
    twist: (chain) =>
      endsLater(chain) || chain.some(({ firmware }) => firmware.serialMayChange)
        ? null
        : { brings: { serial: 'ANOTHER' } },
  },
  {
    name: 'product-changes',
    what: 'shows another product with the new code, unannounced',
    twist: (chain) =>
      endsLater(chain) || chain[0].download.length === 0 ? null : { brings: { product: 'ANOTHER' } },
  },
  {
    name: 'program-fails',
    what: 'is left alone by the program, which ends with an error',
    twist: (chain) => (hasProgram(chain) ? { program: { exitCode: 1 } } : null),
  },
  {
    name: 'program-does-nothing',
    what: 'is left alone by the program, which says that all is well',
    twist: (chain) => (hasProgram(chain) ? { program: { exitCode: 0 } } : null),
  },
  {
    name: 'last-path',
    what: 'is the only way to drives that are in use',
    twist: (chain) => (chain[0].match.type === 'enclosure' ? { onlyPathOf: 2 } : null),
  },
];

const { ok, critical } = ElementStatusCode;
const SUPPLY_FAILED: SesElements = {
  elementType: ElementType.powerSupply,
  text: 'PSU',
  codes: [ok, critical],
};
const SENSOR_WORSENS: SesElements = {
  elementType: ElementType.temperatureSensor,
  text: 'Temperature',
  codes: [ok, ok],
  afterwards: [ok, critical],
};

const OTHER_REVISIONS = ['9999', '9998', '9997', '9996'];
const NO_ANSWER = { hostStatus: HostStatus.timeOut } as const;
const IMAGE_REFUSED: SenseFields = { key: 5, asc: 0x26, ascq: 0x00 };
/** 4/44/00 INTERNAL TARGET FAILURE. */
const INTERNAL_FAILURE: SenseFields = { key: 4, asc: 0x44, ascq: 0x00 };
const FOR_GOOD_MS = 1e9;
const CHUNK: FaultTrigger = { operationCode: OperationCode.writeBuffer };

type SentSection = Exclude<ResolvedSection, { via: 'external' }>;

/** Where the first play sends something itself. */
function whereSent(chain: PlayChain, twist: (section: SentSection) => Twist | null): Twist | null {
  const section = chain[0].download[0];
  return section === undefined || section.via === 'external' ? null : twist(section);
}

const whereSes = (chain: PlayChain, twist: () => Twist): Twist | null =>
  whereSent(chain, ({ via }) => (via === 'ses' ? twist() : null));

const commandOf = ({ via }: SentSection): FaultTrigger => ({
  operationCode: via === 'ses' ? OperationCode.sendDiagnostic : OperationCode.writeBuffer,
});

const hasProgram = ([{ download }]: PlayChain): boolean => download.some(({ via }) => via === 'external');

const isOtherwise = ({ otherwise }: SentSection, mode: number): boolean =>
  otherwise !== null && WRITE_BUFFER_MODES[otherwise.mode] === mode;

const activates = (chain: PlayChain): boolean =>
  chain.some(({ activate }) => activate.some(({ step }) => step === 'activate_mc'));

/** A run of this playbook ends with an image that waits for an event. */
export const endsLater = (chain: PlayChain): boolean => chain.some((play) => waitsFor(play));

function waitsFor(play: ResolvedPlay): boolean {
  if (play.activate.some(({ step }) => isPersonStep(step))) return true;
  const last = play.download.at(-1);
  const deferred = last !== undefined && last.via !== 'external' && isDeferred(endModeOf<string>(last));
  return deferred && !activates([play]);
}

function withModes(keeps: (mode: number) => boolean): (persona: Persona) => Persona {
  return (persona) => ({
    ...persona,
    download: { ...persona.download, modes: persona.download.modes.filter(keeps) },
    ...(persona.ses === undefined ? {} : { ses: { ...persona.ses, modes: persona.ses.modes.filter(keeps) } }),
  });
}

/** The enclosure has these elements, too. */
function withHealth(elements: SesElements): (persona: Persona) => Persona {
  return (persona) => {
    const [primary, ...others] = persona.ses?.subenclosures ?? [];
    if (persona.ses === undefined || primary === undefined) return persona;
    const types = withElements(primary.types, [elements]);
    return { ...persona, ses: { ...persona.ses, subenclosures: [{ ...primary, types }, ...others] } };
  };
}

/** In front of what the persona does when it is ready, and behind what it does in any state. */
function inFront(behavior: Persona['behaviors'][number]): (persona: Persona) => Persona {
  return (persona) => {
    const own = persona.behaviors.findIndex((known) => known === answerTestUnitReady);
    return { ...persona, behaviors: persona.behaviors.toSpliced(Math.max(0, own), 0, behavior) };
  };
}
