// Peak memory of a run with a large image on many devices. A process of its own for each number of devices.
import { benchLab, planOn, runOn, tell } from './bench-lab.ts';

const IMAGE_BYTES = 16 * 1024 * 1024;
const SAMPLE_EVERY_EVENTS = 500;
const devices = Number(process.argv[2]);
const bpw = Number(process.argv[3]);

async function main(): Promise<void> {
  const lab = await benchLab({ devices, imageBytes: IMAGE_BYTES, bpw });
  const host = lab.createHost();
  const plan = await planOn(host, lab.playbook);
  let events = 0;
  let peakBufferBytes = 0;
  const onEvent = (): void => {
    if (events++ % SAMPLE_EVERY_EVENTS !== 0) return;
    peakBufferBytes = Math.max(peakBufferBytes, process.memoryUsage().arrayBuffers);
  };
  await runOn(host, plan, { onEvent });
  tell({
    devices,
    bpw,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    imageMiB: IMAGE_BYTES / 1024 ** 2,
    imageCopies: peakBufferBytes / IMAGE_BYTES,
  });
}

void main();
