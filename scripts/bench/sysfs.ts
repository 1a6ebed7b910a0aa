// Makes a sysfs tree with so many units and prints where it is: the same for `runbook devices` and for lsscsi.
import { bigHost } from '../../test/support/storage-machines.ts';
import { tell } from './bench-lab.ts';

const units = Number(process.argv[2] ?? 24);

const { root, sysfsRoot, procRoot } = bigHost(units);
tell({ root, sysfsRoot, procRoot, units });
