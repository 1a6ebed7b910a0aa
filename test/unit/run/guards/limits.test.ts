import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import type { Refusal } from '../../../../src/base/refusal.ts';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import type { DeviceResult } from '../../../../src/run/facts/outcome.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import { matchPagesOf } from '../../../../src/run/facts/match-bytes.ts';
import { runPlan } from '../../../../src/run/engine/run.ts';
import { StopSwitch } from '../../../../src/run/facts/stop.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { PERSONAS } from '../../../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, playbookOf, playOf, sectionOf } from '../builders.ts';
import type { PlayFields } from '../builders.ts';
import { sesSectionOf } from '../ses-plays.ts';
import type { Persona } from '../../../../src/simulator/simulated-device.ts';

const test = suite('run/guards/limits');

const DISK: Persona = PERSONAS.disk;
const NO_86H = { activateMicrocode: null } as const;
const withDownload = (fields: Partial<Persona['download']>, more: Partial<Persona> = {}): Persona => ({
  ...DISK,
  ...more,
  download: { ...DISK.download, ...fields },
});

const play = (fields: PlayFields): ResolvedPlay =>
  playOf({
    activate: [],
    ...fields,
    match: { type: 'disk', deviceType: 0, vendor: '*', product: '*', revision: ['*'], ...fields.match },
  });

interface End {
  /** Decided by the plan already. */
  readonly planned: Refusal | null;
  readonly result: DeviceResult;
}

/** Applies a play to a device of this kind; nothing may have been sent to it when it is refused. */
async function applied(persona: Persona, given: ResolvedPlay): Promise<End> {
  const clock = new VirtualClock();
  const { vendor, product } = persona;
  const device = new SimulatedDevice({
    persona,
    identity: { vendor, product, serial: 'S1', naa: '5000c50000000001' },
    revision: persona.revision,
    images: [],
    clock,
  });
  const host = new SimulatedHost([{ device, hctl: '6:0:0:0', node: '/dev/sg0' }]);
  const types = new Set([persona.deviceType]);
  const plan = makePlan(playbookOf([given]), await inspect(host, types, clock, matchPagesOf([given])));
  const planned = plan.decisions[0]!.error ?? null;
  const { results } = await runPlan(plan, {
    host,
    clock,
    emit: () => undefined,
    stop: new StopSwitch(),
    screen: { start: () => undefined, stop: () => undefined },
  });
  const sent = device.log.filter(
    ({ cdb, dataOutBytes }) => cdb[0] === OperationCode.writeBuffer || dataOutBytes > 0,
  );
  if (results[0]!.outcome === 'refused') assert.equal(sent, [], 'nothing is sent to a unit that is refused');
  return { planned, result: results[0]! };
}

const sends = (fields: Parameters<typeof sectionOf>[0]): PlayFields => ({ download: [sectionOf(fields)] });

test('a mode that VPD page 86h does not list is refused by the plan, with what it lists', async () => {
  const persona = withDownload({ modes: [0x05, 0x07] });
  const { planned, result } = await applied(persona, play(sends({ mode: 'dmc_offs' })));
  assert.is(planned!.code, 'mode-not-supported');
  assert.match(planned!.message, 'mode dmc_offs, and the unit lists dmc_save, dmc_offs_save (VPD page 86h)');
  assert.is(result.outcome, 'refused');
});

test('so is the mode of the last chunk, of the end, and an activation that the unit does not know', async () => {
  const persona = withDownload({ modes: [0x06, 0x0e] });
  for (const [fields, missing] of [
    [sends({ mode: 'dmc_offs', lastMode: 'dmc_offs_save' }), 'dmc_offs_save'],
    [sends({ mode: 'dmc_offs', endWith: 'dmc_save' }), 'dmc_save'],
    [{ ...sends({ mode: 'dmc_offs_defer' }), activate: [{ step: 'activate_mc' }] }, 'activate_mc'],
  ] as const) {
    const { planned } = await applied(persona, play(fields));
    assert.is(planned!.code, 'mode-not-supported');
    assert.match(planned!.message, `mode ${missing}, and the unit lists dmc_offs, dmc_offs_defer `);
  }
});

test('an event of mode-specific that the unit does not know', async () => {
  const given = play(sends({ mode: 'dmc_offs_ev_defer', modeSpecific: 7 }));
  assert.is((await applied(DISK, given)).planned!.code, 'event-not-supported');
  const known = play(sends({ mode: 'dmc_offs_ev_defer', modeSpecific: 6 }));
  assert.is((await applied(DISK, known)).planned, null);
});

test('a fallback that the unit lists is not a contradiction; one that it does not list is', async () => {
  const persona = withDownload({ modes: [0x07] });
  const bpw = 4096;
  const good = play(sends({ mode: 'dmc_offs_defer', otherwise: { mode: 'dmc_offs_save', bpw } }));
  assert.is((await applied(persona, good)).planned, null);
  const bad = play(sends({ mode: 'dmc_offs_defer', otherwise: { mode: 'dmc_offs', bpw } }));
  assert.is((await applied(persona, bad)).planned!.code, 'mode-not-supported');
});

test('where page 86h says nothing, the operation codes are asked before the first byte', async () => {
  const persona = withDownload({ modes: [0x05, 0x07] }, NO_86H);
  const { planned, result } = await applied(persona, play(sends({ mode: 'dmc_offs' })));
  assert.is(planned, null);
  assert.is(result.outcome, 'refused');
  assert.is(result.error!.code, 'mode-not-supported');
});

test('a time-out below what the device asks for', async () => {
  const short = { firstMs: 60_000, chunkMs: 60_000, lastMs: 60_000, activateMs: null };
  const { result } = await applied(DISK, play(sends({ mode: 'dmc_offs_save', timeouts: short })));
  assert.is(result.outcome, 'refused');
  assert.is(result.error!.code, 'timeout-too-short');
  assert.match(result.error!.message, 'a command 60 s, and the unit asks for 120 s (dmc_offs_save)');
  const long = { ...short, firstMs: 120_000, chunkMs: 120_000, lastMs: 120_000 };
  const enough = await applied(DISK, play(sends({ mode: 'dmc_offs_save', timeouts: long })));
  assert.is.not(enough.result.outcome, 'refused');
});

test('chunks and offsets against the boundary of the buffer', async () => {
  for (const [exponent, fields, says] of [
    [12, { bpw: 4096, offsetBytes: 512 }, 'offsets that are multiples of 4096 bytes'],
    [9, { bpw: 1000 }, 'offsets that are multiples of 512 bytes'],
    [9, { bpw: 'whole', offsetBytes: 100 }, 'offsets that are multiples of 512 bytes'],
    [0xff, { bpw: 4096 }, 'offset 0 only'],
    [0xff, { bpw: 'whole', offsetBytes: 4 }, 'offset 0 only'],
  ] as const) {
    const persona = withDownload({ offsetBoundaryExponent: exponent });
    const { result } = await applied(persona, play(sends({ mode: 'dmc_offs_save', ...fields })));
    assert.is(result.outcome, 'refused', says);
    assert.is(result.error!.code, 'buffer-boundary');
    assert.match(result.error!.message, says);
  }
  for (const [exponent, fields] of [
    [9, { bpw: 512, offsetBytes: 0 }],
    [9, { bpw: 'whole' }],
    [0xff, { bpw: 64 * 1024 }],
  ] as const) {
    const persona = withDownload({ offsetBoundaryExponent: exponent });
    const { result } = await applied(persona, play(sends({ mode: 'dmc_offs_save', ...fields })));
    assert.is.not(result.outcome, 'refused', `2^${exponent} ${JSON.stringify(fields)}`);
  }
});

test('an image, a total length or an offset beyond the maximum of an enclosure', async () => {
  const shelf: Persona = PERSONAS['ses-shelf'];
  const persona: Persona = { ...shelf, ses: { ...shelf.ses!, maximumImageBytes: 8192 } };
  const match = { type: 'enclosure', deviceType: 0x0d } as const;
  for (const [fields, says] of [
    [{}, 'the image is 10000 bytes, and the unit takes at most 8192'],
    [
      { image: IMAGE.subarray(0, 4096), totalLengthBytes: 9000 },
      'the image is 9000 bytes, and the unit takes at most 8192',
    ],
    [
      { image: IMAGE.subarray(0, 4096), totalLengthBytes: 4096, offsetBytes: 8000 },
      '4096 bytes from offset 8000 end at 12096, and the unit takes at most 8192',
    ],
  ] as const) {
    const { result } = await applied(persona, play({ match, download: [sesSectionOf(fields)] }));
    assert.is(result.outcome, 'refused', says);
    assert.is(result.error!.code, 'image-too-large');
    assert.match(result.error!.message, says);
  }
});

test.run();
