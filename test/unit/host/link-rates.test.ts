import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { linkRates } from '../../../src/host/link-rates.ts';
import { suite } from '../../support/suite.ts';
import { pathOf } from '../run/builders.ts';

const test = suite('host: link rates');

/** One host, an expander of three phys, and behind it the enclosure at target 0 and a disk at target 1. */
async function machine(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'runbook-links-'));
  const put = async (file: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  };
  const expander = 'devices/pci0/host6/port-6:0/expander-6:0';
  for (const [phy, rate] of [
    ['phy-6:0:0', '6.0 Gbit\n'],
    ['phy-6:0:1', '3.0 Gbit\n'],
    ['phy-6:0:2', 'Unknown\n'],
  ] as const) {
    await put(`class/sas_phy/${phy}/negotiated_linkrate`, rate);
    await put(`${expander}/${phy}/uevent`, '');
  }
  await put(`${expander}/port-6:0:1/phy-6:0:1/uevent`, '');
  for (const [port, hctl] of [
    ['port-6:0:0', '6:0:0:0'],
    ['port-6:0:1', '6:0:1:0'],
  ] as const) {
    const unit = `${expander}/${port}/end_device-${hctl}/target${hctl}/${hctl}`;
    await put(`${unit}/type`, '0');
    await mkdir(path.join(root, 'bus/scsi/devices'), { recursive: true });
    await symlink(path.join(root, unit), path.join(root, 'bus/scsi/devices', hctl));
  }
  return root;
}

test('are those of the expander for an enclosure, and of the port for another unit; a phy without a link has none', async () => {
  const root = await machine();
  try {
    assert.equal([...linkRates(root, pathOf(0))].sort(), ['3.0 Gbit', '6.0 Gbit']);
    assert.equal(linkRates(root, pathOf(1, { deviceType: 0 })), ['3.0 Gbit']);
    assert.equal(linkRates(root, pathOf(7)), []);
  } finally {
    await rm(root, { recursive: true });
  }
});

test.run();
