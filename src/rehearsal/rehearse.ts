import { VirtualClock } from '../base/clock.ts';
import type { ResolvedPlay, ResolvedPlaybook } from '../playbook/resolved.ts';
import type { DeviceResult } from '../run/facts/outcome.ts';
import type { DeviceFacts } from '../run/facts/inspect.ts';
import { inspect } from '../run/facts/inspect.ts';
import { makePlan, refusalText } from '../run/plan/plan.ts';
import { matchPagesOf } from '../run/facts/match-bytes.ts';
import { runPlan } from '../run/engine/run.ts';
import { StopSwitch } from '../run/facts/stop.ts';
import { CASES, endsLater } from './cases.ts';
import type { RehearsalCase } from './cases.ts';
import { chainsOf, runsImageOf } from './made-devices.ts';
import { madeHost } from './made-host.ts';
import type { MadeHost } from './made-host.ts';
import { hearAttentions, rememberedFor } from './remembered.ts';
import { untruth } from './truth.ts';
import type { RehearsalEnd } from './rehearsal-end.ts';

/** Rehearses a playbook on devices that fit it, once for each case that applies. Takes no real time. */
export async function rehearse(playbook: ResolvedPlaybook): Promise<readonly RehearsalEnd[]> {
  const chains = chainsOf(playbook.plays);
  const rehearsals: RehearsalEnd[] = [];
  for (const one of CASES) {
    if (chains.every((chain) => one.twist(chain) === null)) continue;
    rehearsals.push(await rehearseCase(playbook, one));
  }
  return rehearsals;
}

async function rehearseCase(
  playbook: ResolvedPlaybook,
  { name, what, twist }: RehearsalCase,
): Promise<RehearsalEnd> {
  const clock = new VirtualClock();
  const { host, made } = madeHost(playbook, clock, twist);
  const types = new Set(playbook.plays.map(({ match }) => match.deviceType));
  const facts = await inspect(host, types, clock, matchPagesOf(playbook.plays));
  const plan = makePlan(playbook, facts, { only: [], remembered: rememberedFor(waitingOn(made, facts)) });
  for (const { device } of made) device.log.length = 0;
  const { results, exit, bugs } = await runPlan(plan, {
    host,
    clock,
    emit: () => undefined,
    stop: new StopSwitch(),
    screen: { start: () => undefined, stop: () => undefined },
  });
  if (bugs.length > 0) throw bugs[0];
  const problems = [
    ...results.flatMap((result) => untruthOf(result, made, results)),
    ...(name === CASES[0]!.name ? [...unexpected(playbook, results), ...afterPowerCycle(results, made)] : []),
  ];
  const refusals = plan.refusals.map(refusalText);
  return { name, what, devices: results, refusals, exit, problems };
}

/** Units of plays that only activate. */
function waitingOn(
  made: MadeHost['made'],
  all: readonly DeviceFacts[],
): { facts: DeviceFacts; play: ResolvedPlay }[] {
  return made.flatMap(({ device, chain: [play] }) => {
    const facts = all.find(({ id }) => id === `naa.${device.id}`);
    if (facts === undefined || play.download.length > 0) return [];
    hearAttentions(device);
    return [{ facts, play }];
  });
}

function untruthOf(result: DeviceResult, made: MadeHost['made'], all: readonly DeviceResult[]): string[] {
  const of = made.find(({ device }) => result.id === `naa.${device.id}`);
  const said =
    of === undefined
      ? null
      : untruth(
          result,
          of,
          all.filter(({ id }) => id === result.id),
        );
  return said === null ? [] : [`${labelOf(result)}: ${said}`];
}

/** A device that fits the playbook has to end as the playbook says. */
function unexpected(playbook: ResolvedPlaybook, results: readonly DeviceResult[]): string[] {
  const pending = new Set(
    chainsOf(playbook.plays).flatMap((chain) => (endsLater(chain) ? chain.map(({ name }) => name) : [])),
  );
  if (results.length === 0) return ['no device was selected'];
  return results.flatMap((result) => {
    const { outcome, play, reason } = result;
    // Others may have to wait until a unit that waits for its event was seen after it.
    if (outcome === 'skipped' && pending.has(play)) return [];
    // A module that its partner has brought along needs nothing more.
    if (outcome === 'current' && playbook.strategy.partnerSync !== 'none') return [];
    if (outcome === 'updated' || (outcome === 'pending' && pending.has(play))) return [];
    return [
      `${labelOf(result)} fits the playbook, and ended ${outcome}${reason === null ? '' : `: ${reason}`}`,
    ];
  });
}

/** What a unit waits for has to bring what it was sent. */
function afterPowerCycle(results: readonly DeviceResult[], made: MadeHost['made']): string[] {
  return results.flatMap((result) => {
    const of = made.find(({ device }) => result.id === `naa.${device.id}`);
    const play = of?.chain.find(({ name }) => name === result.play);
    if (result.outcome !== 'pending' || of === undefined || play === undefined) return [];
    of.device.powerCycle();
    const starts = runsImageOf(play, of.device);
    return starts ? [] : [`${labelOf(result)}: pending, and its power cycle does not bring the target`];
  });
}

const labelOf = ({ paths }: DeviceResult): string => paths.map((path) => path.replace('/dev/', '')).join(' ');
