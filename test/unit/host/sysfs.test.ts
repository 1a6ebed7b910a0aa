import { rmSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { compareHctl } from '../../../src/host/hctl.ts';
import { discover, discoverOne } from '../../../src/host/sysfs.ts';
import { suite } from '../../support/suite.ts';
import { scanned, sysfsTree } from '../../support/sysfs-tree.ts';
import type { SysfsAdapter, SysfsTree, SysfsUnit } from '../../support/sysfs-tree.ts';

const sysfs = suite('host/sysfs');

const sasAdapter: SysfsAdapter = { host: 6, procName: 'mpt3sas', sas: true, sgTablesize: '128' };
const card: SysfsUnit = {
  hctl: '6:0:2:0',
  attributes: { ...scanned(13, 'HP', 'HP SAS EXP Card', '2.08'), wwid: 'naa.5001438000000010\n' },
  sg: 'sg2',
  expanders: ['expander-6:0', 'expander-6:1'],
  endDevice: { name: 'end_device-6:1:24', address: '0x5001438000000025' },
};
const disk: SysfsUnit = {
  hctl: '6:0:1:0',
  attributes: { ...scanned(0, 'SEAGATE', 'ST4000NM0023', '0004'), sas_address: '0x5000C50012345679\n' },
  sg: 'sg1',
  block: 'sdb',
  maxSectorsKb: '1280',
  expanders: ['expander-6:0'],
  endDevice: { name: 'end_device-6:0:1', address: '0x5000c5001234567a' },
};
const sata: SysfsUnit = {
  hctl: '10:0:0:0',
  attributes: scanned(0, 'ATA', 'INTEL SSDSC2BB24', '0370'),
  sg: 'sg0',
  block: 'sda',
  maxSectorsKb: '512',
};

function withTree(
  adapters: readonly SysfsAdapter[],
  units: readonly SysfsUnit[],
  check: (tree: SysfsTree) => void,
): void {
  const tree = sysfsTree(adapters, units);
  try {
    check(tree);
  } finally {
    tree.remove();
  }
}

sysfs('tells all that is known of an enclosure below cascaded expanders', () => {
  withTree([sasAdapter], [card], (tree) => {
    assert.equal(discover(tree), [
      {
        hctl: '6:0:2:0',
        deviceType: 13,
        vendor: 'HP',
        product: 'HP SAS EXP Card',
        revision: '2.08',
        sasAddress: '0x5001438000000025',
        hbaDriver: 'mpt3sas',
        sgNode: path.join(tree.devRoot, 'sg2'),
        blockNode: null,
        wwid: 'naa.5001438000000010',
        state: 'running',
        limits: { maximumTransferBytes: null, scatterGatherEntries: 128 },
      },
    ]);
  });
});

sysfs('takes the address of the unit before that of its end device, and the limit of the block queue', () => {
  withTree([sasAdapter], [disk], (tree) => {
    const [found] = discover(tree);
    assert.is(found?.sasAddress, '0x5000c50012345679');
    assert.is(found?.blockNode, path.join(tree.devRoot, 'sdb'));
    assert.is(found?.limits.maximumTransferBytes, 1_310_720);
  });
});

sysfs(
  'knows no SAS address of a disk on a SATA port, and finds the driver of an adapter without a name',
  () => {
    withTree([{ host: 10, procName: '<NULL>', busDriver: 'ahci' }], [sata], (tree) => {
      const [found] = discover(tree);
      assert.equal([found?.sasAddress, found?.hbaDriver], [null, 'ahci']);
      assert.is(found?.limits.scatterGatherEntries, null);
    });
  },
);

sysfs('orders by number, host first', () => {
  const at = (hctl: string): SysfsUnit => ({ hctl, attributes: scanned(0, 'A', 'B', 'C') });
  const order = ['2:0:0:0', '2:0:0:10', '2:0:9:1', '2:0:10:0', '2:1:0:0', '10:0:0:0'];
  withTree([], [...order].reverse().map(at), (tree) => {
    assert.equal(
      discover(tree).map(({ hctl }) => hctl),
      order,
    );
  });
});

sysfs('orders luns that no double can tell apart', () => {
  assert.ok(compareHctl('0:0:0:9007199254740992', '0:0:0:9007199254740993') < 0);
  assert.is(compareHctl('1:2:3:4', '1:2:3:4'), 0);
});

sysfs('a unit without any attribute is a device of which nothing is known', () => {
  withTree([], [{ hctl: '0:0:0:0' }], (tree) => {
    assert.equal(discover(tree), [
      {
        hctl: '0:0:0:0',
        deviceType: 0x1f,
        vendor: '',
        product: '',
        revision: '',
        sasAddress: null,
        hbaDriver: null,
        sgNode: null,
        blockNode: null,
        wwid: null,
        state: 'unknown',
        limits: { maximumTransferBytes: null, scatterGatherEntries: null },
      },
    ]);
  });
});

sysfs('garbled attributes are not known, and never an error', () => {
  const attributes = {
    type: 'enclosure\n',
    vendor: '\x01\xffHP\0ux\n',
    model: '',
    rev: '    \n',
    state: '\n',
    sas_address: '0x0000000000000000\n',
    wwid: '\n',
  };
  withTree(
    [{ host: 0, procName: '(null)', sgTablesize: 'many' }],
    [{ hctl: '0:0:0:0', attributes, sg: 'sgx' }],
    (tree) => {
      const [found] = discover(tree);
      assert.is(found?.deviceType, 0x1f);
      assert.is(found?.vendor, '  HP');
      assert.equal([found?.product, found?.revision, found?.state], ['', '', 'unknown']);
      assert.equal(
        [found?.sasAddress, found?.wwid, found?.sgNode, found?.hbaDriver],
        [null, null, null, null],
      );
      assert.is(found?.limits.scatterGatherEntries, null);
    },
  );
});

sysfs('an attribute that cannot be read is not known', () => {
  withTree([], [card], (tree) => {
    tree.write('sys/bus/scsi/devices/6:0:2:0/sas_address/a-directory', '');
    assert.is(discover(tree)[0]?.sasAddress, '0x5001438000000025');
  });
});

sysfs('a host without the sg class has no devices', () => {
  withTree([sasAdapter], [card], (tree) => {
    rmSync(path.join(tree.sysfsRoot, 'class/scsi_generic'), { recursive: true });
    assert.equal(discover(tree), []);
  });
  assert.equal(discover({ sysfsRoot: '/nonexistent', devRoot: '/dev' }), []);
});

sysfs('finds one unit by its place, and nothing at a place that is none', () => {
  withTree([sasAdapter], [card, disk], (tree) => {
    assert.equal(discoverOne(tree, '6:0:2:0'), discover(tree)[1]);
    assert.is(discoverOne(tree, '6:0:3:0'), null);
    assert.is(discoverOne(tree, 'host6'), null);
    assert.is(discoverOne(tree, '../../../etc'), null);
  });
});

sysfs('reads a thousand units, each adapter once', () => {
  const units = Array.from({ length: 1000 }, (_, i) => ({ ...disk, hctl: `6:0:${i}:0`, sg: `sg${i}` }));
  withTree([sasAdapter], units, (tree) => {
    const found = discover(tree);
    assert.is(found.length, 1000);
    assert.is(found[999]?.sgNode, path.join(tree.devRoot, 'sg999'));
    assert.is(
      found.every(({ hbaDriver }) => hbaDriver === 'mpt3sas'),
      true,
    );
  });
});

sysfs.run();
