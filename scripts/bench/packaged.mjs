// The start of the executable that people install, beside the Node.js that is inside of it, and beside the bundle.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundled } from '../../packaging/bundle.mjs';
import { makeExecutable } from '../../packaging/executable.mjs';
import { releaseFacts } from '../../packaging/release.mjs';
import { nodeRuntime } from '../../packaging/runtime.mjs';
import { program, root } from '../paths.mjs';
import { temporaryFolder } from '../temporary.mjs';
import { startUpTimes } from './start-up.mjs';
import { atMost, shown } from './table.mjs';

const AIMS = { help: 1.9, validate: 2.4 };

/** Rows for the table. Fetches the Node.js of the packages where it is not in .cache. */
export async function packagedRows(playbook, rounds) {
  const work = temporaryFolder('runbook-bench-');
  try {
    const bundle = await bundled(await releaseFacts(), work);
    const executable = await makeExecutable({ processor: process.arch, bundle, work });
    const { node, version } = nodeRuntime(process.arch);
    const lines = { help: ['--help'], validate: ['validate', '--without-image', playbook] };
    const rows = [];
    for (const [name, line] of Object.entries(lines)) {
      const times = startUpTimes(
        {
          base: [node, '-e', '0'],
          packaged: [executable, ...line],
          bundle: [process.execPath, program, ...line],
        },
        rounds,
        root,
      );
      const { ratio, ms } = times.get('packaged');
      const aim = AIMS[name];
      rows.push(
        atMost(`packaged: ${line.slice(0, 2).join(' ')}`, ratio, aim, {
          text: `${ratio.toFixed(2)} (${ms.toFixed(0)} ms)`,
          aimText: `≤ ${aim} × node -e 0 of Node.js ${version}`,
        }),
        atMost(`  beside the bundle on Node.js ${process.versions.node}`, ms / times.get('bundle').ms, 1, {
          text: `${(ms / times.get('bundle').ms).toFixed(2)} (${times.get('bundle').ms.toFixed(0)} ms)`,
          aimText: 'faster',
        }),
      );
    }
    return rows;
  } catch (error) {
    console.error(`\n*** NOT MEASURED, the packaged program: ${error.message} ***\n`);
    return [shown('packaged', 'not measured: it cannot be made here')];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
