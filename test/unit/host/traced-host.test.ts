import * as assert from 'uvu/assert';
import type { AttachedDevice, Host } from '../../../src/host/host.ts';
import { tracedHost } from '../../../src/host/traced-host.ts';
import { parseTrace } from '../../../src/transport/trace-record.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { suite } from '../../support/suite.ts';
import { inquiry } from '../../support/transport-contract.ts';
import { pathOf } from '../run/builders.ts';

const traced = suite('host/traced-host');

const device = (hctl: string, sgNode: string | null): AttachedDevice => pathOf(1, { hctl, sgNode });

traced('names the device in each line and numbers its commands through every opening', async () => {
  const base = {
    kind: 'lab',
    open: async () => ({ execute: async () => outcomeOf(), close: async () => undefined }),
  } as unknown as Host;
  let text = '';
  const host = tracedHost(base, (line) => (text += line));
  assert.is(host.kind, 'lab');
  for (const opened of [
    device('1:0:0:0', '/dev/sg1'),
    device('1:0:1:0', null),
    device('1:0:0:0', '/dev/sg1'),
  ]) {
    const transport = await host.open(opened, 'read');
    await transport.execute(inquiry(36));
    await transport.close();
  }
  assert.equal(
    parseTrace(text).map(({ device: name, n }) => [name, n]),
    [
      ['/dev/sg1', 0],
      ['1:0:1:0', 0],
      ['/dev/sg1', 1],
    ],
  );
});

traced('hands every argument of every call on', async () => {
  const calls: [string, unknown[]][] = [];
  const base = new Proxy({} as Host, {
    get:
      (_target, name: string) =>
      (...args: unknown[]) => {
        calls.push([name, args]);
        return Promise.resolve();
      },
  });
  const host = tracedHost(base, () => undefined);
  const given: [keyof Host, unknown[]][] = [
    ['discover', []],
    ['survey', []],
    ['hctlsNamed', ['sda']],
    ['openElsewhere', [[device('1:0:0:0', '/dev/sg1')]]],
    ['inhibitShutdown', ['why']],
    ['readSysfs', ['path']],
    ['lock', ['naa.1', 'r1']],
    ['rescan', [device('1:0:0:0', '/dev/sg1')]],
    ['reloadDriver', ['mpt3sas']],
    ['run', [['/bin/true'], 1000, { environment: {} }]],
    ['close', []],
  ];
  for (const [name, args] of given) await (host[name] as (...all: unknown[]) => Promise<unknown>)(...args);
  assert.equal(calls, given);
});

traced.run();
