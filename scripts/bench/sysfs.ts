// Makes a sysfs tree with 24 units and prints where it is: the same for `runbook devices` and for lsscsi.
import { scanned, sysfsTree } from '../../test/support/sysfs-tree.ts';
import { tell } from './bench-lab.ts';

const UNITS = 24;

const { root, sysfsRoot, procRoot } = sysfsTree(
  [{ host: 0, procName: 'mpt3sas', sas: true, busDriver: 'mpt3sas' }],
  Array.from({ length: UNITS }, (_, target) => ({
    hctl: `0:0:${target}:0`,
    attributes: scanned(0x0d, 'HP', 'HP SAS EXP Card', '2.08'),
    sg: `sg${target}`,
  })),
);
tell({ root, sysfsRoot, procRoot, units: UNITS });
