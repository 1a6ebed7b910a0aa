import { DecodeError, RunbookError } from '../base/errors.ts';
import type { Refusal } from '../base/refusal.ts';
import { ANSWERS } from '../base/refusals/answers.ts';
import type { Clock } from '../base/clock.ts';
import { OperationCode } from '../scsi/command.ts';
import type { ScsiCommand } from '../scsi/command.ts';
import type { Sense } from '../scsi/sense.ts';
import { SenseKey } from '../scsi/sense.ts';
import { HostStatus } from '../scsi/status.ts';
import type { CommandOutcome, Transport } from '../transport/transport.ts';
import { outcomeOf } from '../transport/transport.ts';
import { failureOf, judge } from './judge.ts';
import type { Judgement } from './judge.ts';
import type { Moment } from './sense-table.ts';

/** A command that looks did not get its answer. `failure` is what a person is told. */
export class DeviceError extends RunbookError {
  constructor(
    readonly kind: 'no-answer' | 'not-ready' | 'refused-by-device' | 'bad-answer',
    readonly failure: Refusal,
    options?: ErrorOptions,
  ) {
    super(failure.code, failure.message, {}, options);
  }

  override get refusal(): Refusal {
    return this.failure;
  }
}

/** One command, sent once. */
export interface Attempt<Response> {
  readonly outcome: CommandOutcome;
  readonly judgement: Judgement;
  /** Decoded answer; only after `accept`, and only when it could be decoded. */
  readonly response: Response | null;
  /** Why it could not be decoded; absent: it could, or there was none. */
  readonly undecoded?: DecodeError;
}

export interface DeviceOptions {
  readonly clock: Clock;
  /**
   * Opens the device again, under whatever node it has now; null: it is not there (yet). `instead`: nor can it come back to where it
   * was, for another unit is there. `elsewhere`: over another path than now, where it has one. Throws DeviceError where something
   * answers in its place, and cannot be identified.
   */
  readonly find: (how: 'anywhere' | 'elsewhere') => Promise<Transport | { readonly instead: Refusal } | null>;
  /** Every unit attention that any command met, in order. */
  readonly onUnitAttention?: (sense: Sense) => void;
}

/** What a unit told of itself, or showed by its absence, since somebody began to listen. */
export interface News {
  /** In order. */
  readonly attentions: readonly Sense[];
  /** It was gone for the kernel, or for the adapter. */
  readonly wentAway: boolean;
}

const NO_NEWS: News = { attentions: [], wentAway: false };

/** How often a command that only looks is sent again, and the pause before. */
const LOOK_ATTEMPTS = { 'send-again': 8, 'send-later': 2, unclear: 2 } as const;
const LOOK_PAUSE_MS = 200;

/**
 * One logical unit over one path: sends commands, has them judged, and can be opened again after the unit went away
 * and came back. Holds no descriptor after `close`.
 */
export class Device {
  #transport: Transport | null;
  /** Another unit, that was met in its place when it was looked for; null: none. */
  #instead: Refusal | null = null;
  readonly #options: DeviceOptions;
  #news: News = NO_NEWS;
  #mayBeStopped = false;
  /** The path is a new one: what it reports first may be older than everything that was sent. */
  #tellsOldNews = false;
  /** Closed, because what answers in its place could not be identified: how it answered. null: open, or nothing answers. */
  #unidentified: DeviceError | null = null;

  constructor(transport: Transport, options: DeviceOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Unit attentions and absences since `forgetNews`. */
  get news(): News {
    return this.#news;
  }

  /** 2/04/02 is how it was before anything was sent to it, and no step has started it since. */
  get mayBeStopped(): boolean {
    return this.#mayBeStopped;
  }

  set mayBeStopped(was: boolean) {
    this.#mayBeStopped = was;
  }

  /** From here on they count: the last chunk is on its way, or the unit said just now that an image waits. */
  forgetNews(): void {
    this.#news = NO_NEWS;
  }

  /** It is reached over a path that nobody has used before: unit attentions that wait there may be old, and are not news. */
  overNewPath(): void {
    this.#tellsOldNews = true;
  }

  /** Sends the command exactly once. */
  async attempt<Response>(command: ScsiCommand<Response>, moment: Moment): Promise<Attempt<Response>> {
    // A closed path answers like a device that is gone: whoever waits for it calls `reopen`.
    const outcome = await (this.#transport?.execute(command) ?? outcomeOf({ errno: 19 /* ENODEV */ }));
    const instead = this.#transport === null ? this.#instead : null;
    const judgement = { ...judge(command, outcome, moment), ...(instead !== null && { instead }) };
    const { sense } = judgement;
    if (sense?.key === SenseKey.unitAttention && !sense.deferred) {
      if (!this.#tellsOldNews) this.#news = { ...this.#news, attentions: [...this.#news.attentions, sense] };
      this.#options.onUnitAttention?.(sense);
    } else if (!LEAVES_ATTENTIONS.includes(command.cdb[0]!)) this.#tellsOldNews = false;
    if (isGone(outcome) && this.#unidentified === null) this.#news = { ...this.#news, wentAway: true };
    if (judgement.action !== 'accept') return { outcome, judgement, response: null };
    try {
      return { outcome, judgement, response: command.decode(outcome.dataIn) };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      // The device executed the command, but what it said cannot be used.
      const text = `the answer cannot be decoded: ${error.message}`;
      return {
        outcome,
        judgement: {
          ...{ action: 'stop', code: 'bad-answer', text, sense: null },
          ...{ layer: ANSWERS['bad-answer'].layer, next: ANSWERS['bad-answer'].next },
        },
        response: null,
        undecoded: error,
      };
    }
  }

  /**
   * Sends a command that only looks, again after a unit attention, a busy status or a lost answer, with a limit; and once more
   * with room for the whole answer where it is longer than was asked for. Throws DeviceError when there is no answer that counts;
   * its cause is a DecodeError where there was one that could not be decoded.
   */
  async ask<Response>(asked: ScsiCommand<Response>): Promise<Response> {
    if (asked.changesDevice) throw new TypeError(`${asked.name} changes the device and is never asked`);
    if (this.#transport === null && this.#unidentified !== null) throw this.#unidentified;
    const left: Record<string, number> = { ...LOOK_ATTEMPTS };
    let command = asked;
    for (;;) {
      const { judgement, response, undecoded } = await this.attempt(command, 'probe');
      if (judgement.action === 'accept') return response as Response;
      const longer = command === asked ? longerQuestion(command, undecoded) : null;
      if (longer !== null) {
        command = longer;
        continue;
      }
      const kind =
        judgement.action === 'recheck' || judgement.action === 'restart' ? 'send-again' : judgement.action;
      if ((left[kind] ?? 0) <= 1)
        throw new DeviceError(kindOf(judgement), failureOf(command, judgement), { cause: undecoded });
      left[kind]!--;
      if (kind !== 'send-again') await this.clock.sleep(LOOK_PAUSE_MS);
    }
  }

  /** Closes the old path and opens the device where it is now. False: it is not there. */
  async reopen(how: 'anywhere' | 'elsewhere' = 'anywhere'): Promise<boolean> {
    this.#unidentified = null;
    this.#instead = null;
    try {
      await this.close();
      const found = await this.#options.find(how);
      if (found !== null && 'instead' in found) this.#instead = found.instead;
      this.#transport = found !== null && 'execute' in found ? found : null;
    } catch (error) {
      // Whoever waits for the device looks again: no search may cost it its verdict.
      if (!(error instanceof RunbookError)) throw error;
      if (error instanceof DeviceError) this.#unidentified = error;
    }
    return this.#transport !== null;
  }

  async close(): Promise<void> {
    const transport = this.#transport;
    this.#transport = null;
    await transport?.close();
  }
}

/** INQUIRY, REQUEST SENSE and REPORT LUNS are answered beside a unit attention, and leave it waiting (SAM). */
const LEAVES_ATTENTIONS: readonly number[] = [
  OperationCode.inquiry,
  OperationCode.requestSense,
  OperationCode.reportLuns,
];

/** ENODEV, ENXIO, or an adapter that finds nobody at the address. */
const isGone = ({ errno, hostStatus }: CommandOutcome): boolean =>
  errno === 19 || errno === 6 || hostStatus === HostStatus.noConnect || hostStatus === HostStatus.badTarget;

/** The question for an answer that did not fit into the first one; null: it would not help, or must not be asked again. */
function longerQuestion<Response>(
  command: ScsiCommand<Response>,
  undecoded: DecodeError | undefined,
): ScsiCommand<Response> | null {
  const neededBytes = undecoded?.context['neededBytes'];
  if (undecoded?.code !== 'short-page' || typeof neededBytes !== 'number') return null;
  return neededBytes > command.dataInBytes ? (command.longer?.(neededBytes) ?? null) : null;
}

function kindOf({ action, sense }: Judgement): DeviceError['kind'] {
  if (action === 'wait' || sense?.key === SenseKey.notReady) return 'not-ready';
  if (sense !== null) return 'refused-by-device';
  return action === 'stop' ? 'bad-answer' : 'no-answer';
}
