import { hex } from '../base/bytes.ts';
import { FACTS, valueOf } from '../base/facts.ts';
import type { Fact, Unreadable } from '../base/facts.ts';
import { refusal } from '../base/refusal.ts';
import type { Refusal } from '../base/refusal.ts';
import type { Device } from '../device/device.ts';
import { DeviceError } from '../device/device.ts';
import { identify, identityChange, serialChange } from '../device/identity.ts';
import type { Identification, UnitIdentity } from '../device/identity.ts';
import { isInternalFailure } from '../device/sense-table.ts';
import type { StandardInquiry } from '../scsi/inquiry.ts';
import type { MicrocodeEvent } from '../scsi/microcode-event.ts';
import { SenseKey } from '../scsi/sense.ts';
import type { Sense } from '../scsi/sense.ts';
import { pendingEvents, toldSense } from './deferred-image.ts';
import type { ToldSense } from './deferred-image.ts';
import { isOnPassivePath, isReadyEnough } from './ready-enough.ts';
import { waitReady } from './wait-ready.ts';

/** What a fresh read of the device showed, at the end of the wait. */
export interface Verification {
  /** Revision and product of a fresh INQUIRY; null: no answer. */
  readonly revision: string | null;
  readonly product: string | null;
  readonly vendor: string | null;
  /** It is ready by the rule of its type. */
  readonly ready: boolean;
  /** It is ready, and REQUEST SENSE had nothing to say (0/00/00). */
  readonly quiet: boolean;
  /** What makes it another unit, or another kind of device, than before, in words; null: nothing does. */
  readonly change: string | null;
  /** The same designator, and another serial number than before; absent: it is the same, or cannot be read. */
  readonly serial?: { readonly before: string; readonly now: string | null };
  /** 4/44 in any answer of the last look, or 83h of page 0Eh: no reset, keep the power on. */
  readonly internalFailure: boolean;
  readonly identity: UnitIdentity | null;
  /** Events that the device itself says it waits for. */
  readonly pending: readonly MicrocodeEvent[];
  /** The revision as the device shows it, where `revision` is its meaning in the playbook's words. */
  readonly shown?: string;
  /** What the second witness says; absent: there is none, or it was not asked. */
  readonly witness?: boolean;
  /**
   * Something by which it says that an image waits, or has failed, could not be read (REQUEST SENSE, a final status), although it is
   * ready. Absent: all was read, or it has none.
   */
  readonly unheard?: Refusal;
  /** The section that its own witness does not show, in words; absent: there is none, or it was not asked. */
  readonly unseen?: string;
  /** Why there is no answer, or why it is not ready. */
  readonly problem: Refusal | null;
  /** The failure of the image that page 0Eh reports (80h and above); absent: none was reported. */
  readonly reported?: Refusal;
  /** What is not as before around it: paths, partners; absent: nothing, or it was not looked at. */
  readonly around?: Refusal;
}

const POLL_MS = 1000;
const MAX_STALE_READS = 2;

/**
 * Reads the device until it shows the target revision, is ready and says nothing against it, or until `withinMs` are over;
 * one look at least. A device that went away is looked for by its identity. Never throws for what the device does.
 *
 * @param settled ends the wait early on a look that more waiting will not change
 */
export async function verifyRevision(
  device: Device,
  options: {
    readonly revision: string;
    /** The revision never moves: the witness alone decides. */
    readonly byWitness?: boolean;
    readonly before: UnitIdentity;
    /** PERIPHERAL DEVICE TYPE before; absent: not compared. */
    readonly deviceType?: number;
    /** Another serial number under the same designator is not a reason to wait for the old one. */
    readonly serialMayChange?: boolean;
    readonly withinMs: number;
    /** Completes a look by what the procedure knows beside INQUIRY and TEST UNIT READY. */
    readonly complete?: (seen: Verification) => Promise<Verification>;
    readonly settled?: (seen: Verification) => boolean;
    /** After each look that does not end the wait. */
    readonly onNotYet?: (seen: Verification, leftMs: number) => void;
  },
): Promise<Verification> {
  const { clock } = device;
  const deadlineMs = clock.nowMs() + options.withinMs;
  for (;;) {
    const first = await readFresh(device, options);
    const seen = (await options.complete?.(first)) ?? first;
    // A device that just starts may not have its identification pages yet: another identity has to stay, and so has none.
    const isKnown = seen.change === null && seen.around?.code !== 'identity-unreadable';
    const ended = isKnown && (isWell(seen, options) || options.settled?.(seen) === true);
    if (ended) return seen;
    const leftMs = deadlineMs - clock.nowMs();
    if (leftMs <= 0) return seen;
    options.onNotYet?.(seen, leftMs);
    await clock.sleep(Math.min(POLL_MS, leftMs));
    if (seen.revision === null) await device.reopen();
    else if (isOnPassivePath(seen.problem?.sense ?? null)) await device.reopen('elsewhere');
  }
}

/** Does it run what it should, as far as revision, or witness where that is all there is, can tell? */
export function atTarget(
  { revision, witness }: Pick<Verification, 'revision' | 'witness'>,
  target: { readonly revision: string; readonly byWitness?: boolean },
): boolean {
  return target.byWitness === true ? witness === true : revision === target.revision;
}

/** It shows the target, is ready, and nothing that it says now speaks against it. */
function isWell(
  seen: Verification,
  target: { readonly revision: string; readonly byWitness?: boolean; readonly serialMayChange?: boolean },
): boolean {
  const { ready, witness, pending, reported, around, internalFailure, serial, unheard, unseen } = seen;
  const isSilent =
    pending.length === 0 &&
    ![reported, around, unheard, unseen].some((why) => why !== undefined) &&
    !internalFailure;
  // None at all may be a device that just starts.
  const isItself = serial === undefined || (target.serialMayChange === true && serial.now !== null);
  return atTarget(seen, target) && ready && witness !== false && isSilent && isItself;
}

type Before = Pick<Parameters<typeof verifyRevision>[1], 'before' | 'deviceType'>;

/** What an INQUIRY said counts only if the device did not report a reset or new code right behind it. */
async function readFresh(device: Device, before: Before): Promise<Verification> {
  for (let left = MAX_STALE_READS; ; left--) {
    const { seen, stale } = await readOnce(device, before);
    if (!stale || left === 0) return seen;
  }
}

async function readOnce(
  device: Device,
  { before, deviceType }: Before,
): Promise<{ readonly seen: Verification; readonly stale: boolean }> {
  let found: Identification;
  try {
    found = await identify(device);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    const { sense } = error.failure;
    const seen = {
      revision: null,
      product: null,
      vendor: null,
      ready: false,
      quiet: false,
      change: null,
      internalFailure: sense !== null && isInternalFailure({ ...sense, deferred: false }),
      identity: null,
      pending: [],
      problem: error.failure,
    };
    return { seen, stale: false };
  }
  const { inquiry, identity } = found;
  const unread = unreadNow(before, found);
  const { ready, attentions, problem, sense } = await waitReady(device, { withinMs: 0 });
  const asked = ready ? await senseData(device) : null;
  const told = asked === null ? sense : valueOf(asked);
  const serial = serialChange(before, identity);
  const seen = {
    revision: inquiry.revision,
    product: inquiry.product,
    vendor: inquiry.vendor,
    ready,
    quiet: ready && told !== null && told.key === 0 && told.asc === 0 && told.ascq === 0,
    change: typeChange(inquiry, deviceType) ?? (serial === null ? identityChange(before, identity) : null),
    ...(serial !== null && { serial }),
    internalFailure: isInternalFailure(told) || failsInside(asked) || found.unreadable.some(isInside),
    identity,
    pending: pendingEvents(told),
    ...(asked?.kind === 'unreadable' && { unheard: unheardIn(asked.why) }),
    problem: ready ? null : problem,
    ...(unread !== null && { around: unread }),
  };
  return { seen, stale: attentions.some(isNews) || (ready && told !== null && saysRestart(told)) };
}

/** The question itself was answered by 4/44. */
const isInside = ({ why }: { readonly why: Refusal }): boolean => why.code === 'internal-failure';
const failsInside = (asked: Fact<ToldSense> | null): boolean =>
  asked?.kind === 'unreadable' && isInside(asked);

const unheardIn = ({ message: cause, cdb, sense }: Refusal): Refusal =>
  refusal('sense-unreadable', { cause }, { cdb, sense });

/** A page by which the unit was known before, and that cannot be read now: it is not another unit, and nobody knows. */
function unreadNow(before: UnitIdentity, { unreadable }: Identification): Refusal | null {
  const wasKnown = ({ fact }: Unreadable): boolean =>
    fact === 'vpd-80h' ? before.serialNumber !== null : before.logicalUnit !== null;
  const found = unreadable.find(wasKnown);
  if (found === undefined) return null;
  const { cdb, sense, message: cause } = found.why;
  return refusal('identity-unreadable', { page: FACTS[found.fact].page, cause }, { cdb, sense });
}

/** Other code may bring another device; one that says that nothing is connected here (PERIPHERAL QUALIFIER) runs nothing. */
function typeChange(
  { deviceType, peripheralQualifier }: StandardInquiry,
  before: number | undefined,
): string | null {
  if (before !== undefined && deviceType !== before) {
    return `is of device type ${hex(deviceType)} now, and was of type ${hex(before)}`;
  }
  return peripheralQualifier === 0
    ? null
    : `says that no device is connected here (peripheral qualifier ${peripheralQualifier})`;
}

/** 29/xx: power on or reset; 3F/xx: microcode, INQUIRY data and the like have changed (SPC). */
const isNews = ({ asc }: Pick<Sense, 'asc'>): boolean => asc === 0x29 || asc === 0x3f;

/** REQUEST SENSE of a device that was ready a moment ago: a unit attention, or not ready without an event to wait for. */
const saysRestart = (told: ToldSense): boolean =>
  (told.key === 6 && isNews(told)) || (told.key === 2 && pendingEvents(told).length === 0);

/** REQUEST SENSE: a device without it says nothing. What may stand beside being ready (no medium) is nothing, too. */
async function senseData(device: Device): Promise<Fact<ToldSense>> {
  const read = await toldSense(device);
  return read.kind === 'present' && (await isReadyEnough(device, read.value))
    ? { kind: 'present', value: { ...read.value, key: SenseKey.noSense, asc: 0, ascq: 0 } }
    : read;
}
