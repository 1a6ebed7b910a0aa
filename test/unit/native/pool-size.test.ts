import * as assert from 'uvu/assert';
import { poolSize, readPoolLimits, setPoolSize } from '../../../src/native/pool-size.ts';
import { suite } from '../../support/suite.ts';
import { sysfsTree } from '../../support/sysfs-tree.ts';
import type { SysfsTree } from '../../support/sysfs-tree.ts';

const size = suite('native/pool-size');

const free = { sgNodes: 0, rlimitNproc: Infinity, rlimitNofile: Infinity, pidsLeft: Infinity };

for (const [title, limits, expected] of [
  ['16 threads for files when there is no device', free, 16],
  ['one more per sg node', { ...free, sgNodes: 256 }, 272],
  ['no more than libuv takes', { ...free, sgNodes: 2000 }, 1024],
  ['a quarter of the threads that the user may have', { ...free, sgNodes: 256, rlimitNproc: 200 }, 50],
  ['what the cgroup leaves, less some for programs', { ...free, sgNodes: 256, pidsLeft: 100 }, 68],
  ['as many as may have a node and a lock open', { ...free, sgNodes: 1000, rlimitNofile: 1024 }, 256],
  ['the files alone when next to no descriptors are left', { ...free, sgNodes: 256, rlimitNofile: 20 }, 5],
  ['the smaller of both', { ...free, sgNodes: 256, rlimitNproc: 400, pidsLeft: 100 }, 68],
  ['libuv’s own four when next to nothing is left', { ...free, sgNodes: 256, rlimitNproc: 8 }, 4],
  ['libuv’s own four when the cgroup is full', { ...free, sgNodes: 256, pidsLeft: -3 }, 4],
] as const) {
  size(`is ${title}`, () => {
    assert.is(poolSize(limits), expected);
  });
}

function withTree(
  write: (tree: SysfsTree) => void,
  check: (roots: Parameters<typeof readPoolLimits>[0]) => void,
): void {
  const tree = sysfsTree([], []);
  try {
    write(tree);
    check({ ...tree, cgroupRoot: `${tree.root}/cgroup` });
  } finally {
    tree.remove();
  }
}

size('reads sg nodes, the soft limit of processes, and what each cgroup up to the root leaves', () => {
  withTree(
    (tree) => {
      tree.addUnit({ hctl: '0:0:0:0', sg: 'sg0' });
      tree.addUnit({ hctl: '0:0:1:0', sg: 'sg1' });
      tree.write(
        'proc/self/limits',
        'Limit   Soft Limit  Hard Limit  Units\nMax processes             63000                63001                processes\nMax open files            1024                 524288               files\n',
      );
      tree.write('proc/self/cgroup', '0::/system.slice/runbook.service\n');
      tree.write('cgroup/system.slice/runbook.service/pids.max', 'max\n');
      tree.write('cgroup/system.slice/pids.max', '500\n');
      tree.write('cgroup/system.slice/pids.current', '120\n');
      tree.write('cgroup/pids.max', '1000\n');
      tree.write('cgroup/pids.current', '200\n');
    },
    (roots) =>
      assert.equal(readPoolLimits(roots), {
        sgNodes: 2,
        rlimitNproc: 63_000,
        rlimitNofile: 1024,
        pidsLeft: 380,
      }),
  );
});

size('reads the pids controller of cgroups version 1', () => {
  withTree(
    (tree) => {
      tree.write('proc/self/cgroup', '12:memory:/a\n3:cpu,pids:/box\n');
      tree.write('cgroup/pids/box/pids.max', '64\n');
      tree.write('cgroup/pids/box/pids.current', '4\n');
      tree.write('cgroup/a/pids.max', '1\n');
    },
    (roots) => assert.is(readPoolLimits(roots).pidsLeft, 60),
  );
});

size('is not led out of the cgroup tree by a path with dots', () => {
  withTree(
    (tree) => {
      tree.write('proc/self/cgroup', '0::/../../proc\n');
      tree.write('proc/pids.max', '1\n');
    },
    (roots) => assert.is(readPoolLimits(roots).pidsLeft, Infinity),
  );
});

size('is limited by nothing that cannot be read', () => {
  const nowhere = { sysfsRoot: '/nonexistent', procRoot: '/nonexistent', cgroupRoot: '/nonexistent' };
  assert.equal(readPoolLimits(nowhere), free);
  withTree(
    (tree) =>
      tree.write(
        'proc/self/limits',
        'Max processes             unlimited            unlimited            processes\n',
      ),
    (roots) => assert.is(readPoolLimits(roots).rlimitNproc, Infinity),
  );
});

size('sets the variable, but not over what somebody has set', () => {
  const nowhere = { sysfsRoot: '/nonexistent', procRoot: '/nonexistent', cgroupRoot: '/nonexistent' };
  const env: NodeJS.ProcessEnv = {};
  setPoolSize(env, nowhere);
  assert.is(env['UV_THREADPOOL_SIZE'], '16');
  const set = { UV_THREADPOOL_SIZE: '3' };
  setPoolSize(set, nowhere);
  assert.is(set.UV_THREADPOOL_SIZE, '3');
});

size.run();
