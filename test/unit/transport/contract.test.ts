import { replayTrace, recordTrace } from '../../../src/transport/trace.ts';
import { parseTrace } from '../../../src/transport/trace-record.ts';
import { SgTransport } from '../../../src/transport/sg-transport.ts';
import { transportContract } from '../../support/transport-contract.ts';
import { pretendCard, pretendSg } from './pretend-sg.ts';

transportContract('SG_IO on a pretended kernel', async () => new SgTransport(pretendSg(pretendCard)));

// The recorded answers of each test are what the replay of the same test has; suites run in order.
const traces = new Map<string, string>();
transportContract('a recorder', async (title) => {
  traces.set(title, '');
  const write = (line: string): void => void traces.set(title, (traces.get(title) ?? '') + line);
  return recordTrace(new SgTransport(pretendSg(pretendCard)), '/dev/sg9', write);
});
transportContract('replay', async (title) => replayTrace(parseTrace(traces.get(title) ?? '')));
