// What a command costs beyond the device and the kernel: the transport in a loop over a cheap ioctl, beside a C program in
// a loop over the same, in turns. The ioctl is FIONREAD on a FIFO: it takes the same way through the transport as SG_IO.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLibc, type Libc } from '../../src/native/libc.ts';
import { writeBuffer, WRITE_BUFFER_MODES } from '../../src/scsi/write-buffer.ts';
import { SgTransport } from '../../src/transport/sg-transport.ts';
import { median, tell } from './bench-lab.ts';

const FIONREAD = 0x541b;
const COMMANDS = 20_000;
const rounds = Number(process.argv[2] ?? 9);
const source = process.argv[3]!;

/** Nanoseconds per command of the C program; null: it cannot be compiled here. */
function compile(folder: string): string | null {
  const program = path.join(folder, 'ioctl-loop');
  const { status } = spawnSync('cc', ['-O2', '-o', program, source], { stdio: 'ignore' });
  return status === 0 ? program : null;
}

async function transportUs(libc: Libc, fd: number, node: string): Promise<number> {
  const cheap: Pick<Libc, 'ioctl' | 'addressOf'> = {
    addressOf: libc.addressOf,
    ioctl: (on, _request, header, holds) => libc.ioctl(on, FIONREAD, header, holds),
  };
  const transport = new SgTransport({ node, fd, libc: cheap, closeFd: () => undefined });
  const mode = WRITE_BUFFER_MODES.dmc_offs_defer;
  const data = new Uint8Array(4096);
  const startedMs = performance.now();
  for (let sent = 0; sent < COMMANDS; sent++) {
    const offsetBytes = (sent % 4096) * data.length; // the field has 24 bits
    const { errno, status } = await transport.execute(
      writeBuffer({ mode, bufferId: 0, offsetBytes, data, timeoutMs: 60_000 }),
    );
    if (errno !== 0 || status !== 0) throw new Error(`errno ${errno}, status ${status}`);
  }
  const us = ((performance.now() - startedMs) * 1000) / COMMANDS;
  await transport.close();
  return us;
}

async function main(): Promise<void> {
  const libc = startLibc();
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-bench-'));
  try {
    const program = compile(folder);
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const fd = openSync(fifo, constants.O_RDWR);
    const own: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const us = await transportUs(libc, fd, fifo);
      const peerNs =
        program === null ? 0 : Number(execFileSync(program, [fifo, String(COMMANDS)], { encoding: 'utf8' }));
      if (round === 0) continue; // until the code is compiled
      own.push(us);
      peer.push(peerNs / 1000);
    }
    closeSync(fd);
    tell({ commands: COMMANDS, rounds, ownUs: median(own), peerUs: program === null ? null : median(peer) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void main();
