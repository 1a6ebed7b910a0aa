import {
  chmodSync,
  existsSync,
  lchownSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import {
  makeDirectory,
  prepareStateDirectory,
  stateDirectory,
} from '../../../../src/run/records/state-directory.ts';
import { folderOfSecondUser, SECOND_USER, testAsRoot } from '../../../support/second-user.ts';
import { suite } from '../../../support/suite.ts';
import { scratch, stateError } from './builders.ts';

const places = suite('run/state-directory');

const user = { env: {}, isRoot: false, home: '/home/ada' };

places('root keeps it under /var/lib, everybody else under the XDG state directory', () => {
  assert.is(stateDirectory({ ...user, isRoot: true }).root, '/var/lib/runbook');
  assert.is(stateDirectory(user).root, '/home/ada/.local/state/runbook');
  assert.is(stateDirectory({ ...user, env: { XDG_STATE_HOME: '/s' } }).root, '/s/runbook');
  // The specification wants relative paths ignored; an empty variable is not a variable.
  assert.is(stateDirectory({ ...user, env: { XDG_STATE_HOME: 's' } }).root, '/home/ada/.local/state/runbook');
  assert.is(stateDirectory({ ...user, env: { XDG_STATE_HOME: '' } }).root, '/home/ada/.local/state/runbook');
});

places('--state-dir is stronger', () => {
  const env = { XDG_STATE_HOME: '/s' };
  assert.is(stateDirectory({ ...user, env, stateDir: '/given' }).root, '/given');
  assert.is(stateDirectory({ ...user, stateDir: 'here' }).root, path.resolve('here'));
});

places('a lab has a place of its own, by the hash of its absolute path', () => {
  // printf %s /labs/two.yml | sha256sum
  assert.is(
    stateDirectory({ ...user, lab: '/labs/two.yml', stateDir: '/given' }).root,
    '/given/lab/52c9e26b9ad2',
  );
  const relative = stateDirectory({ ...user, lab: 'two.yml' });
  assert.is(relative.root, stateDirectory({ ...user, lab: path.resolve('two.yml') }).root);
  assert.is(relative.runs, path.join(relative.root, 'runs'));
  assert.is(relative.units, path.join(relative.root, 'units'));
});

places('the directories are made for their owner alone, and nothing is left in them', async () => {
  const state = stateDirectory({ ...user, stateDir: path.join(scratch(), 'a/b') });
  await prepareStateDirectory(state);
  await prepareStateDirectory(state);
  for (const directory of [state.root, state.runs, state.units, state.open]) {
    assert.is(statSync(directory).mode & 0o777, 0o700, directory);
  }
  assert.equal(
    [state.runs, state.units, state.open].map((directory) => readdirSync(directory)),
    [[], [], []],
  );
});

places('a place that cannot be written to is told with the place, the cause and a next step', async () => {
  const file = path.join(scratch(), 'file');
  writeFileSync(file, '');
  const error = await stateError(prepareStateDirectory(stateDirectory({ ...user, stateDir: file })));
  assert.is(error.code, 'state-not-writable');
  assert.match(error.message, `the state directory ${file} cannot be written to: not a directory (ENOTDIR)`);
  assert.match(error.next, '--state-dir');
});

places('a directory of somebody else says to run as root', async () => {
  if (process.getuid?.() === 0) {
    // Root may write everywhere; /proc takes no files from anybody.
    const state = stateDirectory({ ...user, stateDir: '/proc/self/runbook' });
    assert.is((await stateError(prepareStateDirectory(state))).code, 'state-not-writable');
    return;
  }
  const directory = scratch();
  chmodSync(directory, 0o500);
  const state = stateDirectory({ ...user, stateDir: path.join(directory, 'x') });
  const error = await stateError(prepareStateDirectory(state));
  assert.match(error.next, 'Run it as root');
  assert.is(existsSync(state.root), false);
});

testAsRoot(places)(
  'root keeps nothing where another user could change it, also of simulated units, and makes nothing there',
  async () => {
    const theirs = folderOfSecondUser();
    const elsewhere = scratch();
    const link = path.join(theirs, 'link');
    symlinkSync(elsewhere, link);
    lchownSync(link, SECOND_USER, SECOND_USER);
    const ours = scratch();
    for (const [at, lab] of [
      [path.join(theirs, 'state'), undefined],
      [path.join(link, 'new'), undefined],
      [ours, '/labs/two.yml'],
    ] as const) {
      if (lab !== undefined) renameSync(link, path.join(ours, 'lab'));
      const state = stateDirectory({ ...user, stateDir: at, lab });
      for (const simulated of [false, true]) {
        const error = await stateError(prepareStateDirectory(state, { simulated }));
        assert.is(error.code, 'others-can-write', at);
      }
      for (const directory of [state.runs, state.units, state.jobs, state.open]) {
        assert.is((await stateError(makeDirectory(directory))).code, 'others-can-write', directory);
      }
    }
    assert.equal([readdirSync(theirs), readdirSync(elsewhere), readdirSync(ours)], [[], [], ['lab']]);
  },
);

places.run();
