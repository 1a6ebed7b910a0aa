import type { AttachedDevice, TransferLimits } from '../host/host.ts';
import type { Ink } from './ink.ts';
import { sizeText } from './quantities.ts';
import { renderTable, type Cell } from './table.ts';
import { deviceTypeName } from '../scsi/device-type.ts';

/** What a device said when it was asked (`devices --probe`). */
export interface Probe {
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** `naa.…`, `eui.…`, `t10.…`, `sn.…`; null: it has no identity. */
  readonly id: string | null;
  readonly serialNumber: string | null;
  /** WRITE BUFFER modes that VPD page 86h lists, by their names; null: it does not say. */
  readonly downloadModes: readonly string[] | null;
}

/** One row of `runbook devices`. */
export interface ListedDevice {
  readonly attached: AttachedDevice;
  /** null: not asked, or no answer (then `error` says why). */
  readonly probe: Probe | null;
  readonly error: string | null;
}

/** A table as of `lsscsi -g`, with what an update needs: revision, address, adapter driver, sg node and limits. */
export function devicesText(devices: readonly ListedDevice[], probed: boolean, ink: Ink): string {
  if (devices.length === 0) return '';
  const header = ['HCTL', 'TYPE', 'VENDOR', 'PRODUCT', 'REV', ...(probed ? ['FRESH REV'] : [])];
  header.push('SAS ADDRESS', 'DRIVER', 'SG NODE', 'BLOCK', 'LIMITS', ...(probed ? ['ID'] : []));
  const rows = devices.map((device) => row(device, probed));
  // What is not in order is told in the last columns.
  const isInOrder = devices.every(({ attached, error }) => attached.state === 'running' && error === null);
  const wanted = ['LIMITS', 'DRIVER', 'SAS ADDRESS', 'BLOCK', 'TYPE'];
  const spare = wanted.filter((name) => isInOrder || name !== 'LIMITS').map((name) => header.indexOf(name));
  return renderTable(header, rows, ink, { spare }).join('\n') + '\n';
}

function row({ attached, probe, error }: ListedDevice, probed: boolean): Cell[] {
  const cells: Cell[] = [
    attached.hctl,
    deviceTypeName(attached.deviceType),
    attached.vendor,
    attached.product,
    attached.revision,
  ];
  if (probed) cells.push(freshRevision(attached, probe));
  cells.push(attached.sasAddress ?? '-', attached.hbaDriver ?? '-');
  cells.push(attached.sgNode ?? { text: 'no sg driver', tone: 'warn' }, attached.blockNode ?? '-');
  const limits = limitsText(attached.limits);
  const state = attached.state === 'running' ? limits : `${limits}, ${attached.state}`;
  cells.push(attached.state === 'running' ? state : { text: state, tone: 'warn' });
  if (probed) cells.push(error === null ? (probe?.id ?? '-') : { text: error, tone: 'warn' });
  return cells;
}

/** The kernel shows the revision of its last scan; after an update outside of the kernel's sight that is an old one. */
function freshRevision(attached: AttachedDevice, probe: Probe | null): Cell {
  if (probe === null) return '-';
  return probe.revision === attached.revision
    ? probe.revision
    : { text: `${probe.revision} (changed)`, tone: 'warn' };
}

/** `512 KiB, 128 segments`: hints of the kernel, not a promise of the adapter. */
function limitsText({ maximumTransferBytes, scatterGatherEntries }: TransferLimits): string {
  const parts: string[] = [];
  if (maximumTransferBytes !== null) parts.push(sizeText(maximumTransferBytes));
  if (scatterGatherEntries !== null) parts.push(`${scatterGatherEntries} segments`);
  return parts.length > 0 ? parts.join(', ') : '-';
}

/** One entry of `devices` in runbook.devices/1. */
export function deviceEntry({ attached, probe, error }: ListedDevice): Record<string, unknown> {
  return {
    id: probe?.id ?? attached.wwid,
    hctl: attached.hctl,
    type: deviceTypeName(attached.deviceType),
    deviceType: attached.deviceType,
    vendor: attached.vendor,
    product: attached.product,
    revision: attached.revision,
    sasAddress: attached.sasAddress,
    driver: attached.hbaDriver,
    sgNode: attached.sgNode,
    blockNode: attached.blockNode,
    wwid: attached.wwid,
    state: attached.state,
    limits: attached.limits,
    probe: probe === null ? null : { ...probe, revisionChanged: probe.revision !== attached.revision },
    probeError: error,
  };
}
