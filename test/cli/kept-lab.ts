import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook, type Finished } from '../support/child.ts';
import { readBootId } from '../../src/host/machine.ts';
import type { DeviceResult } from '../../src/run/facts/outcome.ts';
import { runJson, type AnyDocument } from './document.ts';

/** What one command line said of the units. */
export interface Told {
  /** Name of the exit. */
  readonly exit: string;
  /** One for each unit that a play selects. */
  readonly outcomes: readonly string[];
  /** Their codes; empty: nothing is amiss. */
  readonly codes: readonly string[];
  readonly document: AnyDocument;
}

interface ProbedDevice {
  readonly sgNode: string;
  readonly probe: { readonly revision: string } | null;
}

/** A simulated host that lasts from one command to the next, in a folder of its own, with what is remembered of it. */
export class KeptLab {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'runbook-kept-lab-'));
  #memory = 0;

  constructor(lab: string) {
    this.file('host.lab.yml', lab);
  }

  /** Writes a file beside the lab, and returns its path. */
  file(name: string, content: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, content);
    return file;
  }

  get #lab(): string[] {
    return ['--lab', path.join(this.folder, 'host.lab.yml'), '--lab-state', path.join(this.folder, 'state')];
  }

  get #state(): string[] {
    return ['--state-dir', path.join(this.folder, `memory-${this.#memory}`)];
  }

  /** From here on another host, or somebody else: the units are the same, and nothing is remembered of them. */
  forget(): void {
    this.#memory++;
  }

  /** The host starts again: whatever is remembered is of an earlier boot. The units keep their power. */
  boot(): void {
    const memory = path.join(this.folder, `memory-${this.#memory}`);
    for (const name of readdirSync(memory, { recursive: true, encoding: 'utf8' })) {
      if (!/\.jsonl?$/.test(name)) continue;
      const file = path.join(memory, name);
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(readBootId() ?? 'none', 'an-earlier-boot'));
    }
  }

  /** The units as they are now; null: as the lab file has them. */
  units(): Uint8Array | null {
    const file = path.join(this.folder, 'state');
    return existsSync(file) ? readFileSync(file) : null;
  }

  /** The units become what they were, and nobody of us has done that. */
  become(units: Uint8Array): void {
    this.file('state', units);
  }

  /** The host gets other units, which begin as the lab says; what is remembered stays. */
  async rebuild(lab: string): Promise<void> {
    this.file('host.lab.yml', lab);
    rmSync(path.join(this.folder, 'state'));
    await this.told('devices', '--probe');
  }

  /** Any command that opens devices. */
  run(...words: readonly string[]): Promise<Finished> {
    return runbook([...words, ...this.#lab, ...this.#state], { cwd: this.folder });
  }

  async told(...words: readonly string[]): Promise<Told> {
    const { document } = await runJson([...words, ...this.#lab, ...this.#state], { cwd: this.folder });
    const devices = (document.devices ?? []) as readonly Partial<
      DeviceResult & { readonly action: string }
    >[];
    return {
      exit: document.exit.name,
      outcomes: devices.map(({ outcome, action }) => outcome ?? action ?? ''),
      codes: devices.flatMap(({ error }) => error?.code ?? []),
      document,
    };
  }

  /** @param playbook text */
  async apply(playbook: string, ...options: readonly string[]): Promise<Told> {
    return this.told('apply', this.file('playbook.yml', playbook), '--yes', ...options);
  }

  async powerCycle(node: string): Promise<void> {
    const { exitCode, stderr } = await runbook(['lab', 'power-cycle', node, ...this.#lab]);
    if (exitCode !== 0) throw new Error(stderr);
  }

  /** The revision that a unit shows. */
  async shows(node: string): Promise<string> {
    const { document } = await runJson(['devices', '--probe', ...this.#lab]);
    const devices = document.devices as unknown as readonly ProbedDevice[];
    return devices.find(({ sgNode }) => sgNode === `/dev/${node}`)?.probe?.revision ?? 'not there';
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
