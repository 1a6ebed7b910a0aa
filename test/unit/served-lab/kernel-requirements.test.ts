import * as assert from 'uvu/assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { requireKernelTarget } from '../../../src/served-lab/kernel-requirements.ts';
import type { LabRoots } from '../../../src/served-lab/lab-roots.ts';
import { ServedError } from '../../../src/served-lab/served-error.ts';
import { suite } from '../../support/suite.ts';

const requirements = suite('simulator/served/kernel-requirements');

interface Given {
  readonly userId?: number;
  readonly modules?: readonly string[];
  /** Modules that modprobe can load. */
  readonly loadable?: readonly string[];
  readonly target?: boolean;
  /** A mount of configfs works. */
  readonly mountable?: boolean;
  readonly mounted?: boolean;
}

const ALL = ['target_core_user', 'tcm_loop', 'sg'];

/** What was run, and how it ended, on a machine like that. */
async function check(given: Given): Promise<{ ran: string[]; error: ServedError | null }> {
  const root = mkdtempSync(path.join(tmpdir(), 'runbook-requirements-'));
  const configfs = path.join(root, 'config');
  const roots: LabRoots = {
    configfs,
    sysfs: path.join(root, 'sys'),
    dev: path.join(root, 'dev'),
    proc: path.join(root, 'proc'),
    run: path.join(root, 'run'),
  };
  for (const name of given.modules ?? ALL)
    mkdirSync(path.join(roots.sysfs, 'module', name), { recursive: true });
  for (const directory of [configfs, roots.proc]) mkdirSync(directory, { recursive: true });
  const mounts = given.mounted === true ? `none ${configfs} configfs rw 0 0\n` : 'proc /proc proc rw 0 0\n';
  writeFileSync(path.join(roots.proc, 'mounts'), mounts);
  if (given.target ?? true) mkdirSync(path.join(configfs, 'target'));
  const ran: string[] = [];
  const run = ([program = '', ...args]: readonly string[]) => {
    ran.push([program, args[0] === '-t' ? 'configfs' : args[0]].join(' '));
    if (program === 'mount' && given.mountable === true) mkdirSync(path.join(configfs, 'target'));
    const fine = program === 'mount' || (given.loadable ?? []).includes(args[0] ?? '');
    return Promise.resolve({ exitCode: fine ? 0 : 1, output: fine ? '' : 'FATAL: not found\nmore' });
  };
  try {
    await requireKernelTarget(roots, { userId: () => given.userId ?? 0, run });
    return { ran, error: null };
  } catch (error) {
    if (!(error instanceof ServedError)) throw error;
    return { ran, error };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

requirements('runs nothing where all is there', async () => {
  assert.equal(await check({}), { ran: [], error: null });
});

requirements('needs root before anything else', async () => {
  const { ran, error } = await check({ userId: 1000, modules: [] });
  assert.is(error?.code, 'not-permitted');
  assert.match(error!.next, /--lab/);
  assert.equal(ran, []);
});

requirements('loads what is not loaded, and mounts configfs', async () => {
  const { ran, error } = await check({
    modules: ['sg'],
    loadable: ['target_core_user', 'tcm_loop'],
    target: false,
    mountable: true,
  });
  assert.is(error, null);
  assert.equal(ran, ['modprobe target_core_user', 'modprobe tcm_loop', 'mount configfs']);
});

requirements('names the module that is missing, and what modprobe said', async () => {
  const { error } = await check({ modules: ['target_core_user', 'sg'] });
  assert.is(error?.code, 'no-module');
  assert.is(
    error?.message,
    'the kernel module tcm_loop is not loaded, and modprobe tcm_loop failed: FATAL: not found',
  );
});

requirements('says so when configfs cannot be mounted', async () => {
  const { ran, error } = await check({ target: false });
  assert.is(error?.code, 'no-configfs');
  assert.equal(ran, ['mount configfs']);
});

requirements('does not mount configfs a second time', async () => {
  const { ran, error } = await check({ target: false, mounted: true });
  assert.is(error?.code, 'no-configfs');
  assert.match(error!.message, /has no folder target$/);
  assert.equal(ran, []);
});

requirements.run();
