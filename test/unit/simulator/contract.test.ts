import type { Transport } from '../../../src/transport/transport.ts';
import { openSimulated } from '../../../src/simulator/simulated-transport.ts';
import { parseTrace } from '../../../src/transport/trace-record.ts';
import { recordTrace, replayTrace } from '../../../src/transport/trace.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { inquiry, reservedVpdPage, transportContract } from '../../support/transport-contract.ts';
import { NEXUS, chunk, deviceOf } from './device-under-test.ts';

/** The contract's last test sends the first 64 KiB of an image that the device knows. */
const bytes = standardImage(0x2_0000);
const IMAGE = { name: 'fw.bin', revision: 'NEW', product: null, bytes };
const largeDataOut = chunk(0x0e, 0, bytes.slice(0, 0x1_0000));

const simulated = (latencyMs = 0): Transport =>
  openSimulated({
    device: deviceOf('hp-sas-expander', { images: [IMAGE], latencyMs }),
    nexus: NEXUS,
    node: '/dev/sg1',
  });

transportContract('the simulator', () => Promise.resolve(simulated()), { largeDataOut });
transportContract('the simulator with a latency', () => Promise.resolve(simulated(5)), { largeDataOut });
transportContract(
  'a replayed session of the simulator',
  async (title) => replayTrace(parseTrace(await session(title))),
  {
    largeDataOut,
  },
);

/** What each test of the contract sends, recorded over a simulated device. */
async function session(title: string): Promise<string> {
  const lines: string[] = [];
  const transport = recordTrace(simulated(), '/dev/sg1', (line) => lines.push(line));
  const commands = title.includes('refused command')
    ? [reservedVpdPage]
    : title.includes('without data')
      ? [inquiry(0)]
      : title.includes('cuts data-in')
        ? [inquiry(252)]
        : title.includes('much data')
          ? [largeDataOut]
          : [inquiry(36), inquiry(36)];
  for (const command of commands) await transport.execute(command);
  await transport.close();
  return lines.join('');
}
