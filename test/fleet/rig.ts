import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { standardImage } from '../../src/simulator/lab-images.ts';
import { inProject } from '../support/paths.ts';
import { hasProgram } from '../support/programs.ts';
import { missing, suite } from '../support/suite.ts';
import { GuestHost } from './guests.ts';

const PROGRAMS = [
  'ansible-playbook',
  'ssh',
  'ssh-keygen',
  'sshd',
  'ip',
  'unshare',
  'nsenter',
  'sudo',
  'pgrep',
];

/** Why hosts with SSH cannot be made here; null: they can. */
export function whyNoFleet(): string | null {
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  const absent = PROGRAMS.filter((name) => !hasProgram(name));
  if (absent.length > 0) return `not installed: ${absent.join(', ')}`;
  const probe = spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true']);
  return probe.status === 0 ? null : 'namespaces cannot be made here';
}

/** A suite with a rig, which is made once; skipped where there can be none. */
export function fleetSuite(
  title: string,
  make: () => Fleet | Promise<Fleet>,
  reason = whyNoFleet(),
): {
  readonly test: ReturnType<typeof suite>;
  readonly it: (title: string, body: () => Promise<void>) => void;
  readonly fleet: () => Fleet;
} {
  const test = suite(title);
  if (reason !== null) {
    missing('fleet', reason);
    return {
      test,
      it: (name, body) => test.skip(name, body),
      fleet: () => {
        throw new Error(reason);
      },
    };
  }
  let fleet: Fleet | null = null;
  test.before(async () => {
    fleet = await make();
  });
  test.after(() => fleet?.down());
  return { test, it: (name, body) => test(name, body), fleet: () => fleet! };
}

/** What one host's last task came to. */
export interface TaskResult {
  readonly changed: boolean;
  readonly failed?: boolean;
  readonly unreachable?: boolean;
  readonly msg: string;
  readonly exit?: { readonly code: number };
  readonly run?: string;
  readonly job?: string;
  readonly adopted?: boolean;
  readonly died?: string;
  readonly running?: boolean;
  readonly lost_contact?: boolean;
  readonly pending?: readonly string[];
  readonly frozen?: readonly string[];
  readonly outcomes?: Readonly<Record<string, readonly string[]>>;
  readonly diff?: { readonly prepared: string };
  readonly ansible_facts?: { readonly runbook_firmware: { readonly advice: string } };
}

export interface Played {
  readonly exitCode: number | null;
  readonly out: string;
  /** The last task of each host. */
  readonly host: (name: string) => TaskResult;
  /** Numbers of the recap. */
  readonly recap: (name: string) => Readonly<Record<string, number>>;
}

export interface Playing {
  /** Its output so far. */
  readonly out: () => string;
  readonly kill: () => void;
  readonly end: Promise<Played>;
}

const CARD = (host: number, node: string, more = ''): string =>
  `  - { persona: hp-sas-expander, node: ${node}, revision: "2.08", serial: "FLEET${host}${node}", ` +
  `sas-address: "0x50014380abc${String(host).padStart(2, '0')}${node === 'sg1' ? '040' : '080'}"${more} }\n`;

/** What a host has: two cards as a rule. */
export const LABS = {
  good: (host: number) => CARD(host, 'sg1') + CARD(host, 'sg2'),
  /** Takes about half a minute for each card. */
  slow: (host: number) => CARD(host, 'sg1', ', latency: 1500ms') + CARD(host, 'sg2'),
  refused: (host: number) => CARD(host, 'sg1').replace('2.08', '1.52'),
  none: () => '  - { persona: disk, node: sg1, revision: "0001" }\n',
  /** With the fourth chunk, and from then on. */
  frozen: (host: number) =>
    CARD(
      host,
      'sg1',
      ', faults: [{ command: write-buffer, nth: 4, sense: 4/44/00 }, { command: test-unit-ready, nth: 2, times: 0, sense: 4/44/00 }]',
    ) + CARD(host, 'sg2'),
  mute: (host: number) => CARD(host, 'sg1').replace('hp-sas-expander', 'hp-sas-expander-mute'),
  lost: (host: number) => CARD(host, 'sg1', ', restart: { leaves: { for: 20m } }'),
  /** It has the new code, and shows it after its next power cycle. */
  shelf: (host: number) =>
    `  - { persona: ses-shelf, node: sg1, revision: "0100", serial: "SHELF${host}" }\n`,
} as const;

export type LabKind = keyof typeof LABS;

/** Addresses of guests: hosts of hosts.sh have those from 10.78.0.11 on. */
const guestAddress = (number: number): string => `10.78.0.${200 + number}`;

/** Hosts with SSH on this machine, and a controller with Ansible. */
export class Fleet {
  readonly root = mkdtempSync(path.join(tmpdir(), 'runbook-fleet-'));
  readonly #script = inProject('test/fleet/hosts.sh');
  readonly #names: readonly string[];
  readonly #guests: GuestHost[] = [];

  constructor(count: number) {
    this.#names = Array.from({ length: count }, (_, index) => `h${index + 1}`);
    writeFileSync(this.at('prefix'), `rb${process.pid}`);
    process.on('exit', () => this.down());
    // A test that is ended takes its hosts with it.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
    this.#ask('up', ...this.#names);
    const collection = this.at('collections/ansible_collections/runbook');
    mkdirSync(collection, { recursive: true });
    symlinkSync(inProject('ansible/runbook/firmware'), path.join(collection, 'firmware'));
    cpSync(inProject('dist'), this.at('dist'), { recursive: true });
    writeFileSync(this.at('ansible.cfg'), CONFIGURATION(this.root));
    writeFileSync(
      this.at('hosts.ini'),
      [
        '[storage]',
        ...this.#names.map((name) => `${name} ansible_host=${addressOf(name)}`),
        ...HOST_VARIABLES(this.root),
      ].join('\n'),
    );
    writeFileSync(this.at('cards.yml'), CARDS_PLAYBOOK);
    cpSync(inProject('playbooks/ses-shelf.yml'), this.at('shelf.yml'));
  }

  /** Guests with separate kernels: group `guests`, g1 and so on. Each has two cards as real nodes. */
  static async withGuests(count: number): Promise<Fleet> {
    const fleet = new Fleet(0);
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const inventory = ['[guests]'];
    for (const number of numbers) {
      const name = `g${number}`;
      fleet.#ask('tap', String(number));
      fleet.#guests.push(
        new GuestHost(name, fleet.at(`hosts/${name}`), {
          address: guestAddress(number),
          tap: `tap${number}`,
          through: ['ip', 'netns', 'exec', fleet.#controller],
          program: fleet.at('dist/runbook.cjs'),
          lab: servedLabText(number),
          keys: readFileSync(fleet.at('id.pub'), 'utf8'),
        }),
      );
      inventory.push(`${name} ansible_host=${guestAddress(number)}`);
    }
    const variables = HOST_VARIABLES(fleet.root).map((line) =>
      line.replace('[storage:vars]', '[guests:vars]').replace('ansible_user=ops', 'ansible_user=root'),
    );
    writeFileSync(fleet.at('hosts.ini'), [...inventory, ...variables, 'ansible_become=false', ''].join('\n'));
    // With its image, which no lab of the hosts has: it is sent.
    mkdirSync(fleet.at('real'));
    writeFileSync(fleet.at('real/cards.yml'), CARDS_PLAYBOOK);
    writeFileSync(fleet.at('real/PUF21000.bin'), standardImage(0x10000));
    for (const guest of fleet.#guests) await guest.ready();
    return fleet;
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  /** Gives a host its devices, and takes away what it remembers. */
  lab(name: string, kind: LabKind): void {
    // A job of the test before may still be at work, and would leave its state in the new lab.
    this.asRoot(name, 'bash', '-c', "pkill -KILL -f '[r]unbook\\.cjs' || true");
    const host = this.at(`hosts/${name}`);
    for (const entry of readdirSync(path.join(host, 'lab'))) rmSync(path.join(host, 'lab', entry));
    for (const entry of readdirSync(path.join(host, 'state'))) {
      // What was sent stays: it is of no host.
      if (entry !== 'ansible') rmSync(path.join(host, 'state', entry), { recursive: true });
    }
    writeFileSync(path.join(host, 'lab/lab.yml'), labText(kind, Number(name.slice(1))));
  }

  /** Several hosts that reach the same units. Each has a state of its own, so only one may write. */
  sharedLab(names: readonly string[], kind: LabKind): void {
    for (const name of names) {
      this.lab(name, kind);
      writeFileSync(this.at(`hosts/${name}/lab/lab.yml`), labText(kind, Number(names[0]!.slice(1))));
    }
  }

  link(name: string, state: 'up' | 'down'): void {
    this.#ask('link', name, state);
  }

  restart(name: string): void {
    this.#ask('restart', name);
  }

  /** Runs a command inside of a host, as root and without SSH. Returns what it printed. */
  asRoot(name: string, ...words: readonly string[]): string {
    return this.#ask('as-root', name, ...words);
  }

  /** Starts a program on the controller. */
  start(words: readonly string[]): Playing {
    const results = mkdtempSync(this.at('results-'));
    const child = spawn('ip', ['netns', 'exec', this.#controller, ...words], {
      cwd: this.root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        HOME: this.root,
        LANG: 'C.UTF-8',
        ANSIBLE_CONFIG: this.at('ansible.cfg'),
        ANSIBLE_NOCOLOR: '1',
        ANSIBLE_CALLBACKS_ENABLED: 'ansible.builtin.tree',
        ANSIBLE_CALLBACK_TREE_DIR: results,
      },
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => (out += piece));
    const end = new Promise<Played>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode) => resolve(playedOf(exitCode, out, results)));
    });
    return { out: () => out, kill: () => process.kill(-child.pid!, 'SIGKILL'), end };
  }

  /** The task `upgrade` on these hosts. */
  upgrade(
    hosts: string,
    options: Readonly<Record<string, unknown>> = {},
    ...flags: readonly string[]
  ): Playing {
    const file = path.join(mkdtempSync(this.at('play-')), 'play.yml');
    const task = {
      playbook: this.at('cards.yml'),
      bundle: this.at('dist'),
      lab: '/lab/lab.yml',
      lab_state: '/lab/lab.state',
      slice: 5,
      ...options,
    };
    const play = {
      hosts,
      gather_facts: false,
      become: true,
      tasks: [{ name: 'Upgrade', 'runbook.firmware.upgrade': task }],
    };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify([play]));
    return this.start(['ansible-playbook', '-i', 'hosts.ini', file, ...flags]);
  }

  /** A play of the collection. */
  collectionPlay(
    name: string,
    variables: Readonly<Record<string, unknown>>,
    ...flags: readonly string[]
  ): Playing {
    const all = {
      firmware_playbook: this.at('cards.yml'),
      firmware_bundle: this.at('dist'),
      firmware_lab: '/lab/lab.yml',
      firmware_lab_state: '/lab/lab.state',
      ...variables,
    };
    return this.start([
      'ansible-playbook',
      '-i',
      'hosts.ini',
      `runbook.firmware.${name}`,
      '-e',
      JSON.stringify(all),
      ...flags,
    ]);
  }

  /** The jobs of a host, without SSH. */
  jobs(
    name: string,
  ): readonly { readonly job: string; readonly state: string; readonly pid: number; readonly run: string }[] {
    const words = [
      'job',
      'list',
      '--lab',
      '/lab/lab.yml',
      '--state-dir',
      '/var/lib/runbook',
      '--format',
      'json',
    ];
    const text = this.asRoot(name, process.execPath, this.at('dist/runbook.cjs'), ...words);
    return (JSON.parse(text) as { jobs: [] }).jobs;
  }

  /** Returns when a job of the host has sent something. Rejects if the play ends before. */
  async untilWriting(name: string, playing?: Playing): Promise<void> {
    const ended: { played: Played | null } = { played: null };
    void playing?.end.then((played) => (ended.played = played));
    for (;;) {
      await sleep(500);
      if (ended.played !== null) throw new Error(`nothing was written on ${name}:\n${ended.played.out}`);
      const state = this.at(`hosts/${name}/state/lab`);
      if (!existsSync(state)) continue;
      const journals = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.jsonl'),
      );
      if (journals.some((file) => readFileSync(path.join(state, file), 'utf8').includes('"first-chunk"')))
        return;
    }
  }

  /** Its network namespace. */
  get #controller(): string {
    return `${readFileSync(this.at('prefix'), 'utf8')}-ctl`;
  }

  down(): void {
    if (!existsSync(this.root)) return;
    for (const guest of this.#guests) guest.down();
    this.#ask('down');
    rmSync(this.root, { recursive: true, force: true });
  }

  #ask(verb: string, ...words: readonly string[]): string {
    return execFileSync('bash', [this.#script, verb, this.root, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 120_000,
    });
  }
}

const addressOf = (name: string): string => `10.78.0.${10 + Number(name.slice(1))}`;

function playedOf(exitCode: number | null, out: string, results: string): Played {
  const recap: Played['recap'] = (name) => {
    const line = new RegExp(`^${name} +: (.*)$`, 'm').exec(out)?.[1] ?? '';
    return Object.fromEntries(
      [...line.matchAll(/(\w+)=(\d+)/g)].map(([, key, count]) => [key!, Number(count)]),
    );
  };
  const host: Played['host'] = (name) => ({
    ...(JSON.parse(readFileSync(path.join(results, name), 'utf8')) as TaskResult),
    // Ansible takes it out of what it keeps.
    failed: (recap(name)['failed'] ?? 0) > 0,
  });
  return { exitCode, out, recap, host };
}

const CONFIGURATION = (root: string): string => `[defaults]
collections_path = ${root}/collections
host_key_checking = false
forks = 8
retry_files_enabled = false
`;

const HOST_VARIABLES = (root: string): string[] => [
  '[storage:vars]',
  'ansible_user=ops',
  `ansible_ssh_private_key_file=${root}/id`,
  "ansible_ssh_common_args='-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'",
  '',
];

const servedLabText = (number: number): string =>
  `lab: v1\nimages:\n  - { name: ${CARD_IMAGE} }\ndevices:\n${LABS.good(90 + number).replaceAll(/, node: sg\d/g, '')}`;

const labText = (kind: LabKind, host: number): string =>
  `lab: v1\nimages:\n  - { name: ${kind === 'shelf' ? SHELF_IMAGE : CARD_IMAGE} }\ndevices:\n${LABS[kind](host)}`;
const CARD_IMAGE = 'PUF21000.bin, bytes: 64KiB, rule: standard, revision: "2.10"';
const SHELF_IMAGE = 'shelf-0107.bin, bytes: 256KiB, rule: standard, revision: "0107"';

/** Of 64 KiB by the rule \`standard\`. */
const SHA256 = 'a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97';

const CARDS_PLAYBOOK = `runbook: v1
name: cards to 2.10
plays:
  - name: cards
    match: { type: enclosure, vendor: HP, product: HP SAS EXP Card, revision: ["2.06", "2.08"] }
    firmware: { file: PUF21000.bin, sha256: ${SHA256}, revision: "2.10" }
    download: { via: write-buffer, mode: dmc_offs_defer, bpw: 4096 }
    activate: [activate_mc, { wait-ready: 10s }]
    verify: { within: 3s }
strategy: { redundancy: outage-accepted }
`;
