// `devices` and `plan` on hosts of 10, 100 and 1000 units: beside lsscsi on the same trees, and how they grow.
import { rmSync } from 'node:fs';
import { program, root } from '../paths.mjs';
import { startUpTimes } from './start-up.mjs';
import { atMost, shown } from './table.mjs';
import { runWorkload } from './workload.mjs';

const SIZES = [10, 100, 1000];
const SMALL = SIZES[0];
const LARGE = SIZES[2];

/** Rows of the table: whole processes beside lsscsi, then the work alone. Simulated units answer at once. */
export function hostRows(quick) {
  return [...devicesRows(quick), ...growthRows(quick)];
}

function devicesRows(quick) {
  const trees = SIZES.map((units) => runWorkload('sysfs', units));
  try {
    const commands = { base: [process.execPath, '-e', '0'] };
    for (const { sysfsRoot, procRoot, units } of trees) {
      commands[`devices ${units}`] = [
        process.execPath,
        program,
        'devices',
        '--sysfs',
        sysfsRoot,
        '--proc',
        procRoot,
      ];
      commands[`lsscsi ${units}`] = ['lsscsi', '-g', `--sysfsroot=${sysfsRoot}`];
    }
    const times = startUpTimes(commands, quick ? 5 : 15, root);
    if (!times.has(`lsscsi ${LARGE}`)) {
      process.stderr.write(
        'SKIPPED: lsscsi is not installed, so nothing stands beside `devices`: apt install lsscsi\n',
      );
    }
    const ms = (name) => times.get(name).ms;
    return SIZES.flatMap((units) => {
      const peer = times.has(`lsscsi ${units}`) ? `${ms(`lsscsi ${units}`).toFixed(0)} ms` : 'NOT INSTALLED';
      return [
        shown(
          `devices, ${units} units (node -e 0: ${ms('base').toFixed(0)} ms)`,
          `${ms(`devices ${units}`).toFixed(0)} ms`,
        ),
        shown('  peer: lsscsi -g, the same tree', peer),
      ];
    });
  } finally {
    for (const { root: tree } of trees) rmSync(tree, { recursive: true, force: true });
  }
}

function growthRows(quick) {
  const { ms } = runWorkload('host-plan', quick ? 3 : 11, ...SIZES);
  return ['devices', 'plan'].flatMap((command) => {
    const each = (units) => `${((1000 * ms[units][command]) / units).toFixed(0)} µs`;
    const growth = ms[LARGE][command] / LARGE / (ms[SMALL][command] / SMALL);
    return [
      shown(
        `${command} in a running process, for each of ${SIZES.join(', ')} units`,
        SIZES.map(each).join(', '),
      ),
      atMost(`  time for each unit, ${LARGE} against ${SMALL}`, growth, 1.2, {
        text: growth.toFixed(2),
        aimText: '≤ 1.2: linear',
      }),
    ];
  });
}
