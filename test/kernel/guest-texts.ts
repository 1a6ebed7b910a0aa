// Runs in the guest, bundled to CommonJS: serves one unit for each answer to INQUIRY (hex, an argument each) and prints, as JSON,
// what the kernel and what runbook make of it. Nothing asynchronous may come before libc is loaded: see native/libc.ts.
import type { SeenTexts, Texts } from './text-answers.ts';

// All units are asked at once, and what answers them needs threads, too.
process.env['UV_THREADPOOL_SIZE'] ??= '64';

async function main(answers: readonly string[]): Promise<void> {
  const { loadServingCalls } = await import('../../src/native/libc.ts');
  const calls = await loadServingCalls();
  const { readFileSync } = await import('node:fs');
  const { fromHex } = await import('../../src/base/bytes.ts');
  const { systemClock: clock } = await import('../../src/base/clock.ts');
  const { createLinuxHost } = await import('../../src/host/linux-host.ts');
  const { inspect } = await import('../../src/run/facts/inspect.ts');
  const { good } = await import('../../src/simulator/answers.ts');
  const { personaNamed } = await import('../../src/simulator/personas.ts');
  const { requireKernelTarget } = await import('../../src/served-lab/kernel-requirements.ts');
  const { LAB_ROOTS: roots } = await import('../../src/served-lab/lab-roots.ts');
  const { ServedLab } = await import('../../src/served-lab/served-lab.ts');
  const { SimulatedDevice } = await import('../../src/simulator/simulated-device.ts');
  const { SimulatedHost } = await import('../../src/simulator/simulated-host.ts');

  const attachments = answers.map((answer, index) => {
    const number = index.toString(16).padStart(4, '0');
    const device = new SimulatedDevice({
      persona: personaNamed('hp-sas-expander'),
      identity: { vendor: 'HP', product: 'CARD', serial: `S${number}`, naa: `500143800000${number}` },
      revision: '2.08',
      images: [],
      clock,
    });
    device.putInFront((command) => {
      const isStandard = command.cdb[0] === 0x12 && (command.cdb[1]! & 1) === 0;
      return isStandard
        ? good(command, fromHex(answer), (command.cdb[3]! << 8) | command.cdb[4]!)
        : undefined;
    });
    return { device, hctl: `0:0:${index}:0`, node: `/dev/sg${index}` };
  });
  await requireKernelTarget(roots);
  const lab = new ServedLab({ lab: 'texts', roots, calls, clock, onNodes: () => undefined });
  await lab.bringUp(new SimulatedHost(attachments));
  const host = createLinuxHost();
  const listed = new Map((await host.discover()).map((unit) => [unit.hctl, unit]));
  const fresh = new Map(
    (await inspect(host, new Set([13]), clock)).map((unit) => [unit.paths[0]!.hctl, unit]),
  );
  const texts = ({ vendor, product, revision }: Texts): Texts => ({ vendor, product, revision });
  const seen = lab.units.map(({ hctl }): SeenTexts => {
    const attribute = (name: string): string =>
      readFileSync(`/sys/bus/scsi/devices/${hctl}/${name}`, 'latin1').replace(/ *\n$/, '');
    return {
      kernel: { vendor: attribute('vendor'), product: attribute('model'), revision: attribute('rev') },
      listed: texts(listed.get(hctl)!),
      fresh: texts(fresh.get(hctl)!),
      problem: fresh.get(hctl)!.problem?.message ?? null,
    };
  });
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  await lab.takeDown();
}

void main(process.argv.slice(2));
