import type { SourceText, Span } from './source-text.ts';

/** A value of the text and its place. An alias has its own place and the children of what it stands for. */
export interface YamlNode {
  readonly kind: 'scalar' | 'sequence' | 'mapping';
  /** Characters of the value, quotes included. Of a block collection: its first key or its first dash. */
  readonly span: Span;
  /** Characters of the key, where the value stands in a mapping. */
  readonly key: Span | null;
  /** `key:` with nothing behind it. */
  readonly absent: boolean;
  readonly children: ReadonlyMap<string, YamlNode> | null;
}

/** One document: its value as plain data, and where each part of it was written. */
export class YamlDocument {
  constructor(
    readonly source: SourceText,
    readonly value: unknown,
    readonly root: YamlNode,
  ) {}

  /** The node at a JSON pointer, or the nearest one above it. */
  nodeAt(pointer: string): YamlNode {
    let node = this.root;
    for (const name of pointerNames(pointer)) {
      const child = node.children?.get(name);
      if (child === undefined) break;
      node = child;
    }
    return node;
  }

  /** Where to point for a value. */
  valueSpan(pointer: string): Span {
    return this.nodeAt(pointer).span;
  }

  /** Where to point for a key, or for what is missing in a mapping: its name, else its beginning. */
  keySpan(pointer: string): Span {
    const node = this.nodeAt(pointer);
    return node.key ?? node.span;
  }

  /** The scalar exactly as it was typed; '' for collections and for a value that is not there. */
  writtenAt(pointer: string): string {
    const { kind, span, absent } = this.nodeAt(pointer);
    return kind !== 'scalar' || absent ? '' : this.source.slice(span);
  }
}

/** What people call the value: `revision`, `entry 2 of revision`. */
export function nameOf(pointer: string): string {
  const names = pointerNames(pointer);
  const last = names.pop();
  if (last === undefined) return 'the file';
  if (!/^\d+$/.test(last)) return last;
  const list = names.pop();
  return list === undefined ? `entry ${Number(last) + 1}` : `entry ${Number(last) + 1} of ${list}`;
}

export const pointerNames = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));

export const childPointer = (pointer: string, name: string | number): string =>
  `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
