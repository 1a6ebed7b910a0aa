import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { loadLabFile } from '../../../src/playbook/lab-file.ts';
import { notBuilt } from '../../../src/playbook/not-built.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import { labImages } from '../../../src/simulator/lab-images.ts';
import { suite } from '../../support/suite.ts';

const test = suite('playbook/shipped');

const DIRECTORY = 'playbooks';
const playbooks = readdirSync(DIRECTORY).filter(
  (name) => name.endsWith('.yml') && !name.endsWith('.lab.yml'),
);
const read = (name: string): string => readFileSync(`${DIRECTORY}/${name}`, 'utf8');

for (const name of playbooks) {
  test(`${name} is right, has a lab with its image, and can be executed`, async () => {
    const { playbook, diagnostics } = loadPlaybook(name, read(name));
    assert.equal(diagnostics, []);
    assert.equal(notBuilt(playbook!), []);
    const labName = name.replace(/\.yml$/, '.lab.yml');
    const { lab, diagnostics: ofLab } = loadLabFile(labName, read(labName));
    assert.equal(ofLab, []);
    const images = await labImages(lab!, DIRECTORY);
    const resolution = await resolvePlaybook(playbook!, { directory: '/nonexistent', labImages: images });
    assert.equal(resolution.diagnostics, []);
    assert.ok(resolution.resolved);
  });

  test(`${name} and its lab tell an editor where their schema is`, () => {
    assert.match(read(name), /^# yaml-language-server: \$schema=\.\.\/schemas\/playbook\.schema\.json\n/);
    assert.match(
      read(name.replace(/\.yml$/, '.lab.yml')),
      /^# yaml-language-server: \$schema=\.\.\/schemas\/lab\.schema\.json\n/,
    );
  });
}

test('upgrade-expanders.yml upgrades two cards of its lab and leaves the third alone', () => {
  const { playbook } = loadPlaybook('x.yml', read('upgrade-expanders.yml'));
  const { lab } = loadLabFile('x.yml', read('upgrade-expanders.lab.yml'));
  const [play] = playbook!.words.plays;
  assert.equal(
    lab!.devices.map(({ revision }) => revision),
    ['2.08', '2.08', '2.10'],
  );
  assert.ok(play!.match.revision.includes('2.08'));
  assert.is(play!.firmware.revision, '2.10');
});

test.run();
