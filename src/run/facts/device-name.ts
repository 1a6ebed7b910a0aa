import { shownText } from '../../base/bytes.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { DeviceFacts } from './inspect.ts';

/** What a person called a device on the command line. */
export interface DeviceName {
  /** As it was typed. */
  readonly text: string;
  /** H:C:T:L of the units that this host has under that name, whatever they say of themselves. */
  readonly hctls: readonly string[];
}

/** What a unit can be named by. */
export type Named = Pick<DeviceFacts, 'id' | 'identity' | 'enclosures'> & {
  readonly paths: readonly Pick<AttachedDevice, 'hctl' | 'sgNode' | 'blockNode' | 'wwid' | 'sasAddress'>[];
};

/** Names as a host understands them: nodes and links lead to their units. */
export function namesOn(host: Pick<Host, 'hctlsNamed'>, texts: readonly string[]): Promise<DeviceName[]> {
  return Promise.all(texts.map(async (text) => ({ text, hctls: await host.hctlsNamed(text) })));
}

/** A name where there is no host to ask: on a recorded one. */
export const writtenName = (text: string): DeviceName => ({ text, hctls: [] });

/**
 * Is this the unit? A node or a link to one, H:C:T:L, an id with or without its prefix, a designator, a SAS address, a serial
 * number, all in any case (decisions.md#the-command-line), or the logical identifier of its enclosure, which names all modules of it.
 */
export function isNamed(unit: Named, { text, hctls }: DeviceName): boolean {
  if (unit.paths.some(({ hctl }) => hctls.includes(hctl))) return true;
  return isSpelledAs([...identifiers(unit), ...unit.paths.flatMap(pathNames)], text);
}

/** Is the text one of these names, with or without its prefix and in any case? For a unit that may not be here any more. */
export function isSpelledAs(names: readonly string[], text: string): boolean {
  const wanted = spellings(text);
  return names.some((name) => spellings(name).some((spelling) => wanted.includes(spelling)));
}

/** The same for `match.identity` of a playbook: no place and no node, and the case of a serial number counts. */
export function isIdentifiedBy(unit: Named, text: string): boolean {
  const wanted = address(text);
  return identifiers(unit).some((name) => name === text || (wanted !== null && address(name) === wanted));
}

/** What a unit is called wherever it hangs. */
function identifiers({ id, identity, enclosures, paths }: Named): string[] {
  const exact = [id, ...(identity?.designators ?? []), identity?.serialNumber ?? null];
  return [
    ...exact.flatMap((name) => (name === null ? [] : [name, shown(name)])),
    enclosures?.[0]?.logicalIdentifier ?? null,
    ...paths.flatMap(({ wwid, sasAddress }) => [wwid, sasAddress]),
  ].filter((name) => name !== null);
}

function pathNames({ hctl, sgNode, blockNode }: Named['paths'][number]): string[] {
  const nodes = [sgNode, blockNode].filter((node) => node !== null);
  return [hctl, `[${hctl}]`, `/dev/bsg/${hctl}`, ...nodes, ...nodes.map((node) => node.replace('/dev/', ''))];
}

/** `sn.hex:41420043` as `sn.AB`: the bytes behind a NUL can hardly be typed. */
function shown(name: string): string {
  const [, prefix = '', exact = ''] = /^((?:sn|t10)\.)?([^]*)$/.exec(name)!;
  return prefix + shownText(exact);
}

/** All that a name is as good as: without its prefix, and in small letters. */
function spellings(name: string): string[] {
  const small = name.toLowerCase();
  const bare = small.replace(/^(sn|t10)\./, '');
  const bytes = address(name);
  return [small, bare, ...(bytes === null ? [] : [bytes])].filter((spelling) => spelling !== '');
}

/** `0x5001…`, `naa.5001…`, `wwn-0x5001…` and `5001…` are one address; hexadecimal digits have no case. */
function address(name: string): string | null {
  const bare = name.toLowerCase().replace(/^(0x|naa\.|eui\.|wwn-0x)/, '');
  return /^[0-9a-f]{16,}$/.test(bare) ? bare : null;
}
