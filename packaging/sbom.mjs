// What is inside, for programs: CycloneDX 1.6 without a time and without a random number, so that it is the same each time.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nodeRuntime } from './runtime.mjs';

/** Writes `runbook-VERSION.cdx.json`. */
export function writeSbom({ bundle, release, out }) {
  const { version, commit } = release;
  const node = nodeRuntime(process.arch);
  const self = component('runbook', version, { license: 'Apache-2.0' });
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        ...self,
        type: 'application',
        description: 'The executables have Node.js inside; the package for npm has not.',
        properties: [{ name: 'commit', value: commit ?? 'unknown' }],
        hashes: [
          { alg: 'SHA-256', content: createHash('sha256').update(readFileSync(bundle.file)).digest('hex') },
        ],
      },
    },
    components: [
      ...bundle.packages.map(({ name, version: own, license, integrity }) =>
        component(name, own, { license, integrity }),
      ),
      {
        type: 'platform',
        'bom-ref': `node@${node.version}`,
        name: 'node',
        version: node.version,
        purl: `pkg:generic/node@${node.version}`,
        cpe: `cpe:2.3:a:nodejs:node.js:${node.version}:*:*:*:*:*:*:*`,
        licenses: [{ license: { id: 'MIT' } }],
      },
    ],
    dependencies: [
      {
        ref: self['bom-ref'],
        dependsOn: [
          ...bundle.packages.map(({ name, version: own }) => `${name}@${own}`),
          `node@${node.version}`,
        ],
      },
    ],
  };
  writeFileSync(path.join(out, `runbook-${version}.cdx.json`), `${JSON.stringify(document, null, 2)}\n`);
}

function component(name, version, { license, integrity }) {
  const [group, own] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return {
    type: 'library',
    'bom-ref': `${name}@${version}`,
    ...(group === undefined ? {} : { group }),
    name: own,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [{ license: { id: license } }],
    ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] }),
  };
}

/** `sha512-<base64>` of the lockfile: of the archive that npm fetches. */
const hashOf = (integrity) => ({
  alg: 'SHA-512',
  content: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex'),
});
