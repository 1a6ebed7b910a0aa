import type { LabDeviceWords } from '../generated/lab.ts';
import type { Report } from './diagnostics.ts';
import { parseDuration } from '../base/units.ts';

/** What the schema of lab files cannot say of one device. `at` is its JSON pointer. */
export function checkLabDevice(device: LabDeviceWords, at: string, report: Report): void {
  const { paths, node, count = 1, enclosure, restart, faults = [], latency } = device;
  if (paths !== undefined && node !== undefined) {
    const hint = 'write the node in one of its paths';
    report({
      code: 'no-effect',
      path: `${at}/node`,
      message: 'a device with paths cannot have a node too',
      hint,
    });
  }
  if (count > 1) reportGivenToMany(device, at, report);
  const { process = 1, of = 2 } = enclosure ?? {};
  if (process > of) {
    const message = `process ${process} of an enclosure that has only ${of}`;
    report({ code: 'range', path: `${at}/enclosure/process`, message });
  }
  const owns = (paths ?? []).some(({ behind = [] }) => behind.length > 0);
  if (restart?.['lost-paths'] !== undefined && !owns) {
    const message = 'nothing can be behind a device without an expander';
    const hint = 'name its expander in the behind of its paths';
    report({ code: 'no-effect', path: `${at}/restart/lost-paths`, message, hint });
  }
  const nodes = (paths ?? [device]).flatMap((path) => path.node ?? []);
  for (const [index, fault] of faults.entries()) {
    const { path, moment, command } = fault;
    const place = `${at}/faults/${index}`;
    if (path !== undefined && !nodes.includes(path)) {
      const hint = nodes.length === 0 ? 'give the path a node first' : `one of ${nodes.join(', ')}`;
      report({
        code: 'word',
        path: `${place}/path`,
        message: `no path of this device has the node ${path}`,
        hint,
      });
    }
    if (moment !== undefined && command !== 'write-buffer' && command !== 'send-diagnostic') {
      const hint = 'only write-buffer and send-diagnostic take it';
      report({
        code: 'no-effect',
        path: `${place}/moment`,
        message: `${command} does not take moment`,
        hint,
      });
    }
    for (const [key, time] of [
      ['delay', fault.delay],
      ['leaves/for', fault.leaves?.for],
    ] as const) {
      checkTime(time, `${place}/${key}`, report);
    }
  }
  checkHealth(device, at, report);
  checkTime(latency, `${at}/latency`, report);
  checkTime(enclosure?.follows, `${at}/enclosure/follows`, report);
  checkTime(restart?.['ready-after'], `${at}/restart/ready-after`, report);
  checkTime(restart?.leaves?.for, `${at}/restart/leaves/for`, report);
}

/** Each list of states names the same elements, and what is `meanwhile` has an end. */
function checkHealth({ health }: LabDeviceWords, at: string, report: Report): void {
  for (const [index, words] of (health?.elements ?? []).entries()) {
    const place = `${at}/health/elements/${index}`;
    const { status, meanwhile, settles } = words;
    for (const key of ['afterwards', 'meanwhile'] as const) {
      const list = words[key];
      if (list === undefined || list.length === status.length) continue;
      const message = `${list.length} elements here, and ${status.length} in status`;
      report({ code: 'count', path: `${place}/${key}`, message, hint: 'write one word for each element' });
    }
    if ((meanwhile === undefined) !== (settles === undefined)) {
      const lacking = meanwhile === undefined ? 'meanwhile' : 'settles';
      const message = 'meanwhile and settles belong together';
      report({ code: 'missing-key', path: place, message, hint: `add ${lacking}` });
    }
    checkTime(settles, `${place}/settles`, report);
  }
}

function checkTime(time: string | undefined, path: string, report: Report): void {
  if (time !== undefined && parseDuration(time) === null) {
    report({ code: 'duration', path, message: `${time} is too long` });
  }
}

/** What only one unit can have. */
function reportGivenToMany(device: LabDeviceWords, at: string, report: Report): void {
  const hint = 'remove it, or write the devices one by one';
  for (const key of ['serial', 'new-serial', 'sas-address', 'node', 'enclosure'] as const) {
    if (device[key] === undefined) continue;
    const message = `${device.count!} devices cannot share one ${key}`;
    report({ code: 'count', path: `${at}/${key}`, message, hint });
  }
  for (const [index, { node, 'port-address': port }] of (device.paths ?? []).entries()) {
    for (const [key, value] of Object.entries({ node, 'port-address': port })) {
      if (value === undefined) continue;
      const message = `${device.count!} devices cannot share one ${key}`;
      report({ code: 'count', path: `${at}/paths/${index}/${key}`, message, hint });
    }
  }
}

/** Two modules with one process id in one enclosure are one unit for whoever reads page 01h. */
export function reportTwiceInEnclosure(
  devices: readonly (readonly [at: string, device: LabDeviceWords])[],
  report: Report,
): void {
  const seen = new Map<string, number>();
  for (const [at, { enclosure }] of devices) {
    if (enclosure === undefined) continue;
    const { id, process, of = 2 } = enclosure;
    const name = `process ${process} of enclosure ${id}`;
    if (seen.has(name))
      report({ code: 'count', path: `${at}/enclosure/process`, message: `${name} appears twice` });
    seen.set(name, process);
    const modules = seen.get(id) ?? of;
    if (modules !== of) {
      const message = `enclosure ${id} has ${modules} modules, and ${of} here`;
      report({ code: 'range', path: `${at}/enclosure`, message });
    }
    seen.set(id, modules);
  }
}
