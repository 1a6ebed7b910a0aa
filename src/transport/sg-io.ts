import { constants as os } from 'node:os';
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { errnoName } from '../base/errno.ts';
import { TransportError } from '../base/errors.ts';
import { loadLibc } from '../native/libc.ts';
import { readOnly } from './read-only.ts';
import { SgQueue } from './sg-queue.ts';
import { SgTransport } from './sg-transport.ts';
import type { Transport } from './transport.ts';

/** Major number of the sg driver's character devices. */
const SG_MAJOR = 21;

/**
 * Opens an sg node.
 *
 * `read` and `read-while-locked` open it read-only: the kernel then lets through what {@link readOnly} allows (INQUIRY, READ BUFFER, RECEIVE
 * DIAGNOSTIC RESULTS, MAINTENANCE IN, …) and refuses WRITE BUFFER and SEND DIAGNOSTIC, except for root, which no
 * descriptor holds back. So the transport is wrapped in {@link readOnly} as well.
 * `change` opens it read-write for itself alone (EBUSY when anybody has it open), and is refused when a signal could reach the threads that send.
 *
 * Throws TransportError (`open-failed`, `not-permitted`, `busy`, `not-an-sg-node`).
 */
export async function openSgIo(
  node: string,
  access: 'read' | 'read-while-locked' | 'change',
): Promise<Transport> {
  const libc = await loadLibc();
  if (access === 'change' && !libc.pool.signalsBlocked) {
    throw new TransportError(
      'open-failed',
      `${node}: other code started the threads of this process before runbook did, so a signal could send a command twice; ` +
        'start runbook without NODE_OPTIONS and without --import',
      { node },
    );
  }
  // O_NONBLOCK: opening must not hang while the host adapter recovers. It does not change SG_IO.
  // O_EXCL: while a device is written, nobody else opens it, no monitoring daemon either.
  const mode = access === 'change' ? constants.O_RDWR | constants.O_EXCL : constants.O_RDONLY;
  const flags = mode | constants.O_NONBLOCK;
  const fd = withOpenErrors(node, () => {
    requireSgNode(node, statSync(node)); // before the open, which does things to a tape or a fifo
    return openSync(node, flags);
  });
  try {
    requireSgNode(
      node,
      withOpenErrors(node, () => fstatSync(fd)),
    );
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  const queue = access === 'change' ? new SgQueue({ fd, libc }) : null;
  const transport = new SgTransport({ node, fd, libc, closeFd: closeSync, queue });
  return access === 'change'
    ? transport
    : readOnly(transport, { whileLocked: access === 'read-while-locked' });
}

function requireSgNode(node: string, stats: { isCharacterDevice(): boolean; rdev: number }): void {
  if (stats.isCharacterDevice() && ((stats.rdev >> 8) & 0xfff) === SG_MAJOR) return;
  throw new TransportError(
    'not-an-sg-node',
    `${node}: is not an sg node (a character device with major number ${SG_MAJOR}); list them with: runbook devices`,
    { node },
  );
}

function withOpenErrors<T>(node: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error; // ours, or a bug
    throw openError(node, -errno);
  }
}

/** What an errno of open(2) on an sg node means to a person. */
export function openError(node: string, errno: number): TransportError {
  const { EACCES, EPERM, EBUSY, ENOENT, ENXIO, ENODEV, EMFILE, ENFILE } = os.errno;
  const context = { node, errno };
  switch (errno) {
    case EACCES:
    case EPERM:
      return new TransportError('not-permitted', `${node}: no permission to open it; run as root`, context);
    case EBUSY:
      return new TransportError(
        'node-busy',
        `${node}: another program has it open; find out which with: fuser -v ${node}`,
        context,
      );
    case ENOENT:
      return new TransportError(
        'open-failed',
        `${node}: there is no such node; list the devices with: runbook devices`,
        context,
      );
    case ENXIO:
    case ENODEV:
      return new TransportError(
        'open-failed',
        `${node}: the kernel has no working device behind it (offline or removed); check the kernel log (dmesg)`,
        context,
      );
    case EMFILE:
    case ENFILE:
      return new TransportError(
        'no-descriptor',
        `${node}: cannot be opened: no descriptor is left (${errnoName(errno)})`,
        context,
      );
    default:
      return new TransportError(
        'open-failed',
        `${node}: cannot be opened: ${errnoName(errno)}; check the kernel log (dmesg)`,
        context,
      );
  }
}
