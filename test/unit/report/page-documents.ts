import { documentOf, type Document } from '../../../src/report/documents.ts';
import { TimelineRecorder, type Timeline } from '../../../src/report/timeline.ts';
import type { HostTopology } from '../../../src/run/facts/topology.ts';
import { finished, idOf, phaseStarted, plannedDevices, progress, runStarted } from './run-events.ts';
import { FAILURE } from './run-records.ts';

/** Two adapters, a shelf with two modules, 24 drives with a path through each. */
export function jbod(): HostTopology {
  const path = (hctl: string, n: number, expander: string, darkWith: readonly string[]) => ({
    ...{ hctl, node: `/dev/sg${n}`, block: null, running: true, expanders: [expander], slot: null, darkWith },
  });
  const unit = (id: string, type: string) => ({
    ...{
      id,
      type,
      vendor: 'LAB',
      product: type === 'disk' ? 'DISK' : 'SHELF',
      revision: '0100',
      nickname: null,
    },
    ...{ enclosure: type === 'disk' ? null : '3000000e0200003f', ownExpanders: [], users: [] as string[] },
  });
  return {
    adapters: ['6', '7'].map((id) => ({ id, driver: 'mpt3sas' })),
    links: [6, 7].map((n) => ({ adapter: String(n), from: null, to: `0x${n}`, lanes: 4, rate: '12.0 Gbit' })),
    units: [
      ...[1, 2].map((n) => ({
        ...unit(idOf(n), 'enclosure'),
        ownExpanders: [`0x${n + 5}`],
        paths: [path(`${n + 5}:0:0:0`, n, `0x${n + 5}`, [])],
      })),
      ...Array.from({ length: 24 }, (_, i) => ({
        ...unit(`naa.drive${i}`, 'disk'),
        users: ['ZFS pool tank'],
        paths: [1, 2].map((n) => path(`${n + 5}:0:${i + 1}:0`, 10 + i * 2 + n, `0x${n + 5}`, [idOf(n)])),
      })),
    ],
  };
}

/** Of a run with a gap, a restart and a wait. */
export function recorded(): Timeline {
  let nowMs = 0;
  const recorder = new TimelineRecorder({ nowMs: () => nowMs, sleep: () => Promise.resolve() });
  recorder.handle(runStarted(plannedDevices(2)));
  for (const [ms, event] of [
    [0, phaseStarted(1, 'check')],
    [100, phaseStarted(1, 'download')],
    [200, progress(1, 4096)],
    [700, progress(1, 524288)],
    [45_000, progress(1, 8192)],
    [46_000, progress(1, 1 << 20)],
    [46_100, phaseStarted(1, 'activate')],
    [46_200, { type: 'waiting', device: idOf(1), what: 'ready', withinMs: 60_000 }],
    [50_000, { type: 'notice', device: idOf(1), message: 'the download restarted' }],
    [51_000, finished(1)],
  ] as const) {
    nowMs = ms;
    recorder.handle(event);
  }
  return recorder.timeline;
}

/** A plan of many hosts, as plan --inventory writes it. */
export function fleetDocument(count: number): Document {
  const error = { ...FAILURE, code: 'last-path' as const };
  const decision = (n: number, action: string) => ({
    ...{
      id: idOf(n),
      play: 'shelves',
      paths: [`/dev/sg${n}`],
      vendor: 'LAB',
      product: 'SHELF',
      type: 'enclosure',
    },
    ...{
      revision: '0100',
      target: '0107',
      action,
      reason: action,
      behind: null,
      users: [],
      without: [],
      warnings: n === 1 ? ['a fan is gone'] : [],
    },
    error: action === 'refused' ? error : null,
  });
  return documentOf('runbook.plans/1', 'plan', 'REFUSED', {
    body: {
      playbook: { file: 'a.yml', sha256: 'ab'.repeat(32), name: 'shelves to 0107', why: null },
      plays: [],
      hosts: Array.from({ length: count }, (_, n) => ({
        ...{
          host: `store${n}`,
          file: `store${n}.json`,
          recorded: '2030-01-01T00:00:00Z',
          ageSeconds: 60,
          runbook: '0.2.0',
        },
        counts: { update: 2, current: 0, pending: 0, refused: 0 },
        devices: [decision(1, 'update'), decision(2, n % 7 === 0 ? 'refused' : 'current')],
        refusals: [],
        topology: jbod(),
        exit: { code: 0, name: 'OK' },
      })),
      counts: { update: 0, current: 0, pending: 0, refused: 0 },
    },
  });
}
