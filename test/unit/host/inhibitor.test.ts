import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { inhibitShutdown } from '../../../src/host/inhibitor.ts';
import { appears } from '../../support/appears.ts';
import { suite } from '../../support/suite.ts';

const inhibitor = suite('host/inhibitor');
const root = mkdtempSync(path.join(tmpdir(), 'runbook-inhibitor-'));
mkdirSync(path.join(root, 'run/systemd/seats'), { recursive: true });
inhibitor.after(() => rmSync(root, { recursive: true, force: true }));

/** Stands in for systemd-inhibit: notes its arguments, runs the command, and notes its end. */
function program(name: string, text: string): string {
  const file = path.join(root, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

inhibitor('holds a block lock for shutdown and sleep until it is released', async () => {
  const ended = path.join(root, 'ended');
  const grants = program('grants', `echo "$@" > ${root}/arguments\n"$5"\ntouch ${ended}`);
  const release = await inhibitShutdown('firmware is being written', { root, program: grants });
  assert.type(release, 'function');
  assert.is(
    readFileSync(path.join(root, 'arguments'), 'utf8').trim(),
    '--what=shutdown:sleep --mode=block --who=runbook --why=firmware is being written cat',
  );
  assert.not.ok(existsSync(ended));
  release?.();
  await appears(ended);
});

inhibitor('says so when logind does not grant the lock', async () => {
  const refuses = program('refuses', 'exit 1');
  assert.is(await inhibitShutdown('why', { root, program: refuses }), null);
});

inhibitor('starts nothing where there is no logind', async () => {
  const started = path.join(root, 'started');
  const starts = program('starts', `touch ${started}`);
  assert.is(await inhibitShutdown('why', { root: path.join(root, 'elsewhere'), program: starts }), null);
  assert.is(await inhibitShutdown('why', { root, program: path.join(root, 'missing') }), null);
  assert.not.ok(existsSync(started));
});

inhibitor.run();
