import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { toHex } from '../../src/base/bytes.ts';
import { VirtualClock } from '../../src/base/clock.ts';
import type { LabDeviceWords } from '../../src/generated/lab.ts';
import type { Host } from '../../src/host/host.ts';
import { loadPlaybook } from '../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../src/playbook/resolve.ts';
import { hearAttentions, rememberedFor } from '../../src/rehearsal/remembered.ts';
import { inspect } from '../../src/run/facts/inspect.ts';
import type { DeviceResult } from '../../src/run/facts/outcome.ts';
import { makePlan } from '../../src/run/plan/plan.ts';
import { runPlan } from '../../src/run/engine/run.ts';
import { StopSwitch } from '../../src/run/facts/stop.ts';
import { dataDirection, transferBytes } from '../../src/scsi/command.ts';
import type { ScsiCommand } from '../../src/scsi/command.ts';
import { createLabHost } from '../../src/simulator/lab-host.ts';
import { standardImage } from '../../src/simulator/lab-images.ts';
import type { CommandOutcome, Transport } from '../../src/transport/transport.ts';
import { inProject } from '../support/paths.ts';

export interface TraceCommand {
  readonly cdb: string;
  readonly dir: string;
  readonly len: number;
  readonly timeout_ms: number;
  readonly sha256?: string;
  readonly status?: number;
  readonly sense?: string;
  /** Data that the device returned. */
  readonly resp?: string;
}

export interface Trace {
  readonly id: string;
  readonly tool: string;
  readonly args: readonly string[];
  readonly exit: number;
  readonly input?: { readonly size: number; readonly sha256: string };
  readonly commands: readonly TraceCommand[];
}

/** The recorded runs of one of the two tools. */
export function tracesOf(tool: 'sg_write_buffer' | 'sg_ses_microcode'): readonly Trace[] {
  return readFileSync(inProject('test/conformance/sg3utils-traces.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Trace)
    .filter((trace) => trace.tool === tool);
}

/** What went out, as far as it is compared. */
export type Sent = Omit<TraceCommand, 'status' | 'sense' | 'resp'>;

export const wire = ({ cdb, dir, len, timeout_ms, sha256 }: TraceCommand): Sent => ({
  cdb,
  dir,
  len,
  timeout_ms,
  ...(sha256 === undefined ? {} : { sha256 }),
});

export function sentOf(command: ScsiCommand): Sent {
  const { dataOut, cdb, timeoutMs } = command;
  return {
    cdb: toHex(cdb),
    dir: dataDirection(command),
    len: transferBytes(command),
    timeout_ms: timeoutMs,
    ...(dataOut === undefined || dataOut.length === 0
      ? {}
      : { sha256: createHash('sha256').update(dataOut).digest('hex') }),
  };
}

/** `fw.bin` of a recorded run, by its rule. */
export const imageOf = (trace: Trace): Uint8Array => standardImage(trace.input?.size ?? 512);

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface Played {
  /** Commands that are compared: up to the verification, and in it. */
  readonly sent: readonly Sent[];
  readonly verifying: readonly Sent[];
  /** null: the playbook is invalid. */
  readonly result: DeviceResult | null;
}

/**
 * Runs a playbook on one simulated device that answers for itself, except where `answer` does: those commands are the
 * ones that are compared. `count` of them came before.
 */
export async function play(
  text: string,
  options: {
    readonly image: Uint8Array;
    readonly device: LabDeviceWords;
    readonly isCompared: (command: ScsiCommand) => boolean;
    readonly answer: (command: ScsiCommand, count: number) => CommandOutcome;
    /** Answers that are needed beside the compared ones; undefined: the device's own. */
    readonly beside?: (command: ScsiCommand) => CommandOutcome | undefined;
  },
): Promise<Played> {
  const loaded = loadPlaybook('conformance.yml', text);
  if (loaded.playbook === null) return { sent: [], verifying: [], result: null };
  const { resolved, diagnostics } = await resolvePlaybook(loaded.playbook, {
    directory: '/nonexistent',
    labImages: new Map([['fw.bin', options.image]]),
  });
  if (resolved === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const clock = new VirtualClock();
  const lab = createLabHost({ lab: 'v1', devices: [options.device] }, { images: new Map(), clock });
  const compared: Sent[] = [];
  const verifyBegins: number[] = [];
  const host = intercepted(lab, (command) => {
    if (!options.isCompared(command)) return options.beside?.(command);
    compared.push(sentOf(command));
    return options.answer(command, compared.length - 1);
  });
  const facts = await inspect(host, new Set([0x0d]), clock);
  const [first] = resolved.plays;
  if (first!.download.length === 0) for (const device of lab.devices) hearAttentions(device);
  const known = rememberedFor(facts.map((unit) => ({ facts: unit, play: first! })));
  const plan = makePlan(resolved, facts, { only: [], remembered: known });
  const { results, bugs } = await runPlan(plan, {
    host,
    clock,
    emit: (event) => {
      if (event.type === 'phase-started' && event.phase === 'verify') verifyBegins.push(compared.length);
    },
    stop: new StopSwitch(),
    screen: { start: () => undefined, stop: () => undefined },
  });
  if (bugs.length > 0) throw bugs[0] as Error;
  return {
    sent: compared.slice(0, verifyBegins[0]),
    verifying: compared.slice(verifyBegins[0] ?? compared.length),
    result: results[0] ?? null,
  };
}

/** A host whose devices are spoken to through `answer` first. */
function intercepted(lab: Host, answer: (command: ScsiCommand) => CommandOutcome | undefined): Host {
  const intercept = (transport: Transport): Transport => ({
    execute: (command) => {
      const own = answer(command);
      return own === undefined ? transport.execute(command) : Promise.resolve(own);
    },
    close: () => transport.close(),
  });
  // A host keeps private state: its methods are called on itself.
  return new Proxy(lab, {
    get: (target, key) => {
      if (key === 'open') {
        const open: Host['open'] = async (device, access) => intercept(await target.open(device, access));
        return open;
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
