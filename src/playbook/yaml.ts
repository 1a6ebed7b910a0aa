// The only file that imports js-yaml. One parse gives both: events with offsets, and the values built from them.
import {
  constructFromEvents,
  CORE_SCHEMA,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from 'js-yaml';
import type { AliasEvent, Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml';
import type { Diagnostic, Problem } from './diagnostics.ts';
import { diagnosticAt } from './diagnostics.ts';
import { SourceText } from './source-text.ts';
import type { Span } from './source-text.ts';
import { childPointer, YamlDocument } from './yaml-document.ts';
import type { YamlNode } from './yaml-document.ts';
import { refusedText, yamlError } from './yaml-errors.ts';

/** With every alias written out: ten lines of aliases of aliases could otherwise stand for a billion values. */
const MAX_NODES = 100_000;

/**
 * Reads one YAML 1.2 document (core schema). Never throws; without a document there is at least one diagnostic.
 *
 * @param bytesAt JSON pointers of texts that may hold a NUL: what a simulated device answers
 */
export function parseYaml(
  file: string,
  text: string,
  bytesAt?: RegExp,
): { readonly document: YamlDocument | null; readonly diagnostics: readonly Diagnostic[] } {
  const refused = refusedText(file, text);
  if (refused !== null) return { document: null, diagnostics: [refused] };
  const source = new SourceText(file, text);
  const diagnostics: Diagnostic[] = [];
  try {
    const events = parseEvents(source.text, { filename: file });
    const reader = new NodeReader(source, events, diagnostics, bytesAt);
    const root = reader.readDocument();
    if (root === null) return { document: null, diagnostics };
    // json: a key that appears twice has been reported, and what else is wrong is worth knowing too.
    const [value] = constructFromEvents(events, { source: source.text, schema: CORE_SCHEMA, json: true });
    return { document: new YamlDocument(source, value, root), diagnostics };
  } catch (error) {
    // Its manual: any exception may come, not only the parser's own. The file is then wrong, not the program.
    const known = error instanceof YAMLException;
    const offset = known ? (error.mark?.position ?? 0) : 0;
    return {
      document: null,
      diagnostics: [...diagnostics, yamlError(source, known ? error.reason : String(error), offset)],
    };
  }
}

const TYPOGRAPHIC_QUOTES = /[\u2018-\u201f\u00ab\u00bb\u2039\u203a]/g;
const TYPOGRAPHIC = /^[\u2018-\u201f\u00ab\u2039]/;

/** A node, and how many values it stands for. */
interface Measured {
  readonly node: YamlNode;
  readonly values: number;
}

/** Walks the flat list of events and places every node in the source. */
class NodeReader {
  #at = 0;
  /** Null while the anchored collection is still open. */
  readonly #anchors = new Map<string, Measured | null>();
  #usable = true;
  #aliasedValues = 0;

  constructor(
    readonly source: SourceText,
    readonly events: readonly Event[],
    readonly diagnostics: Diagnostic[],
    readonly bytesAt: RegExp | undefined,
  ) {}

  /** Null when no value should be built from the events. */
  readDocument(): YamlNode | null {
    const begins = this.events.flatMap(({ type }, index) => (type === EVENT_ID.DOCUMENT ? [index] : []));
    const first = this.events[1];
    if (first === undefined || (first.type === EVENT_ID.SCALAR && first.valueStart < 0)) {
      this.#report(
        { start: 0, end: 1 },
        'empty',
        '',
        'the file is empty',
        'it must begin with `runbook: v1` or `lab: v1`',
      );
      return null;
    }
    if (begins.length > 1) {
      const second = this.events[begins[1]! + 1]!;
      const start = this.source.text.lastIndexOf(
        '---',
        Math.max(0, startOf(second) ?? this.source.text.length),
      );
      const message = `the file holds ${begins.length} documents; only one is read`;
      this.#report(
        { start, end: start + 3 },
        'several-documents',
        '',
        message,
        'put each document in its own file',
      );
      return null;
    }
    this.#at = 1;
    const root = this.#node('', null, { start: 0, end: 1 });
    return this.#usable ? root.node : null;
  }

  #node(pointer: string, key: Span | null, parent: Span): Measured {
    const event = this.events[this.#at++]!;
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event, pointer, key);
    if (event.type === EVENT_ID.SCALAR) {
      const measured = scalarNode(event, key, parent);
      this.#checkText(event, measured.node.span, pointer);
      return this.#anchored(event, measured);
    }
    if (event.type !== EVENT_ID.SEQUENCE && event.type !== EVENT_ID.MAPPING) throw new Error('no node here');
    if (event.anchorStart >= 0) this.#anchors.set(this.#anchorName(event), null);
    const children = new Map<string, YamlNode>();
    const start = { start: event.start, end: event.start + 1 };
    const values =
      event.type === EVENT_ID.SEQUENCE
        ? this.#items(children, pointer, start)
        : this.#entries(children, pointer, start);
    const kind = event.type === EVENT_ID.SEQUENCE ? 'sequence' : 'mapping';
    // A mapping begins with its first key: that is the word to point at.
    const span = children.values().next().value?.key ?? start;
    const ownSpan = span.start === event.start ? span : start;
    return this.#anchored(event, { node: { kind, span: ownSpan, key, absent: false, children }, values });
  }

  #items(children: Map<string, YamlNode>, pointer: string, start: Span): number {
    let values = 1;
    for (let index = 0; this.events[this.#at]!.type !== EVENT_ID.POP; index++) {
      const child = this.#node(childPointer(pointer, index), null, start);
      children.set(String(index), child.node);
      values += child.values;
    }
    this.#at++;
    return values;
  }

  #entries(children: Map<string, YamlNode>, pointer: string, start: Span): number {
    let values = 1;
    while (this.events[this.#at]!.type !== EVENT_ID.POP) {
      const event = this.events[this.#at]!;
      if (event.type !== EVENT_ID.SCALAR) {
        const at = startOf(event) ?? start.start;
        this.#report({ start: at, end: at + 1 }, 'yaml', pointer, 'a key must be one word', null);
        this.#usable = false;
        values += this.#node(pointer, null, start).values + this.#node(pointer, null, start).values;
        continue;
      }
      this.#at++;
      const name = getScalarValue(this.source.text, event);
      const { span } = this.#anchored(event, scalarNode(event, null, start)).node;
      const child = this.#node(childPointer(pointer, name), span, span);
      this.#checkKey(children, childPointer(pointer, name), name, event, span);
      children.set(name, child.node);
      values += child.values;
    }
    this.#at++;
    return values;
  }

  /** What looks right to a person, and is something else to YAML or to the system. */
  #checkText(event: ScalarEvent, span: Span, pointer: string): void {
    const written = this.source.slice(span);
    if (event.style === SCALAR_STYLE.PLAIN && TYPOGRAPHIC.test(written)) {
      const inner = written.replaceAll(TYPOGRAPHIC_QUOTES, '');
      const message = `${written} is in typographic quotes, which are part of the text`;
      this.#report(span, 'typographic-quotes', pointer, message, `write it in straight quotes: "${inner}"`);
    }
    if (event.style !== SCALAR_STYLE.DOUBLE_QUOTED || !written.includes('\\')) return;
    if (!getScalarValue(this.source.text, event).includes('\0') || this.bytesAt?.test(pointer) === true)
      return;
    const message = 'this text contains a NUL character, which no name, path or argument can hold';
    this.#report(span, 'nul', pointer, message, 'remove it');
  }

  #checkKey(
    children: ReadonlyMap<string, YamlNode>,
    pointer: string,
    name: string,
    event: ScalarEvent,
    span: Span,
  ): void {
    const before = children.get(name)?.key;
    if (before) {
      const { line } = this.source.positionOf(before.start);
      this.#report(
        span,
        'duplicate-key',
        pointer,
        `${name} appears twice`,
        `the first one is on line ${line}`,
      );
    }
    if (name === '<<' && event.style === SCALAR_STYLE.PLAIN) {
      const message = '<< merges nothing here: the keys of the other mapping are not taken in';
      const hint = 'write the keys out; an alias can stand for a whole value, as in download: *name';
      this.#report(span, 'merge-key', pointer, message, hint);
    }
    if (event.style === SCALAR_STYLE.PLAIN && !this.#isText(event, name)) {
      const written = this.source.slice(span);
      this.#report(
        span,
        'quote',
        pointer,
        `YAML does not read the key ${written} as text`,
        `write it in quotes: "${written}"`,
      );
    }
  }

  #alias(event: AliasEvent, pointer: string, key: Span | null): Measured {
    const name = this.#anchorName(event);
    const span = { start: event.anchorStart - 1, end: event.anchorEnd };
    const target = this.#anchors.get(name);
    if (target) {
      // What is wrong with a scalar is mended where it is written; a collection is used wrongly here.
      const own = target.node.kind === 'scalar' ? target.node.span : span;
      const values = this.#limited(target.values, span, pointer);
      return { node: { ...target.node, span: own, key }, values };
    }
    const message = target === null ? `*${name} refers to itself` : `*${name} refers to nothing`;
    this.#report(span, 'alias', pointer, message, `write &${name} before a value that comes earlier`);
    this.#usable = false;
    return { node: { kind: 'scalar', span, key, absent: false, children: null }, values: 1 };
  }

  #limited(values: number, span: Span, pointer: string): number {
    this.#aliasedValues += values;
    if (this.#aliasedValues > MAX_NODES && this.#usable) {
      const message = `with its aliases expanded, the file has more than ${MAX_NODES} values`;
      this.#report(span, 'alias', pointer, message, 'use fewer aliases');
      this.#usable = false;
    }
    return values;
  }

  #anchored(event: ScalarEvent | SequenceEvent | MappingEvent, measured: Measured): Measured {
    if (event.anchorStart >= 0) this.#anchors.set(this.#anchorName(event), measured);
    return measured;
  }

  #anchorName(event: { readonly anchorStart: number; readonly anchorEnd: number }): string {
    return this.source.text.slice(event.anchorStart, event.anchorEnd);
  }

  /** YAML decides by its look what an unquoted word is: `2.10` and `true` are not text. */
  #isText(event: ScalarEvent, written: string): boolean {
    // The answer for nearly all keys, without building a value.
    if (/^[a-z_]/i.test(written) && !/^(true|false|null)$/i.test(written)) return true;
    const document = this.events[0]!;
    const [value] = constructFromEvents([document, event, { type: EVENT_ID.POP }], {
      source: this.source.text,
      schema: CORE_SCHEMA,
    });
    return typeof value === 'string';
  }

  #report(span: Span, code: Problem['code'], path: string, message: string, hint: string | null): void {
    this.diagnostics.push(diagnosticAt(this.source, span, { code, path, message, hint }));
  }
}

function startOf(event: Event): number | null {
  if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) return event.start;
  if (event.type === EVENT_ID.SCALAR) return event.valueStart < 0 ? null : event.valueStart;
  return event.type === EVENT_ID.ALIAS ? event.anchorStart - 1 : null;
}

function scalarNode(event: ScalarEvent, key: Span | null, parent: Span): Measured {
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  const margin = quoted ? 1 : 0; // the offsets leave out the quotes
  // A value that is not there at all has no place of its own: its key, or the list that it is missing in.
  const span =
    event.valueStart < 0
      ? (key ?? parent)
      : { start: event.valueStart - margin, end: event.valueEnd + margin };
  return {
    node: { kind: 'scalar', span, key, absent: event.valueStart < 0, children: null },
    values: 1,
  };
}
