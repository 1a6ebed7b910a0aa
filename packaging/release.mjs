// What this release is: its version and commit, and the time that all its files have.
import { execFileSync } from 'node:child_process';
import { buildFacts } from '../scripts/build.mjs';
import { root } from '../scripts/paths.mjs';

/** For the fields that packages want. */
export const MAINTAINER = 'The runbook developers <runbook@noreply.invalid>';
export const SUMMARY = 'firmware upgrades for SAS expanders, enclosures and drives, from a playbook';

/** The names that Debian and rpm have for a processor of Node.js. */
export const PROCESSORS = {
  x64: { deb: 'amd64', rpm: 'x86_64' },
  arm64: { deb: 'arm64', rpm: 'aarch64' },
};

/** `epoch`: SOURCE_DATE_EPOCH, in seconds: the time of the commit. */
export async function releaseFacts() {
  const facts = await buildFacts();
  const epoch =
    facts.commit === null
      ? 0
      : Number(execFileSync('git', ['-C', root, 'log', '-1', '--format=%ct'], { encoding: 'utf8' }));
  return { ...facts, epoch };
}

/** Environment for programs whose output must not depend on the machine. */
export const reproducible = ({ epoch }) => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME ?? '/',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  SOURCE_DATE_EPOCH: String(epoch),
});
