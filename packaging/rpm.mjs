// The .rpm, by rpmbuild, from the same tree.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../scripts/paths.mjs';
import { PROCESSORS, reproducible, SUMMARY } from './release.mjs';

/** Writes `runbook-VERSION.ARCHITECTURE.rpm`. */
export function makeRpm({ processor, tree, level, release, out, work }) {
  const { version, epoch } = release;
  const architecture = PROCESSORS[processor].rpm;
  const folder = path.join(work, processor, 'rpm');
  mkdirSync(folder);
  const spec = path.join(folder, 'runbook.spec');
  const date = new Date(epoch * 1000).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+).*/, '$1 $3 $2 $4');
  const text = readFileSync(path.join(root, 'packaging/files/runbook.spec'), 'utf8')
    .replaceAll('@VERSION@', version)
    .replaceAll(
      '@SUMMARY@',
      SUMMARY.replace(/^./, (first) => first.toUpperCase()),
    )
    .replaceAll('@DATE@', date)
    .replaceAll('@TREE@', tree);
  writeFileSync(spec, text);
  const settings = {
    _topdir: path.join(folder, 'top'),
    _rpmdir: out,
    _rpmfilename: '%{NAME}-%{VERSION}.%{ARCH}.rpm',
    _buildhost: 'reproducible',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    _binary_payload: `w${level}T2.xzdio`,
    // Neither stripped nor given links by its build id: it is Node's own executable.
    __os_install_post: '%{nil}',
    _build_id_links: 'none',
    debug_package: '%{nil}',
    _dbpath: path.join(folder, 'db'),
  };
  const defines = Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  execFileSync('rpmbuild', ['-bb', '--quiet', `--target=${architecture}-linux`, ...defines, spec], {
    env: reproducible(release),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(folder, { recursive: true });
  return path.join(out, `runbook-${version}.${architecture}.rpm`);
}
