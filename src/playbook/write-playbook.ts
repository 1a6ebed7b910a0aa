/** What is known for a new playbook: the answers of one device, and the image that somebody has for it. */
export interface PlaybookDraft {
  /** Facts for the comment on top, one line each. */
  readonly notes: readonly string[];
  readonly match: {
    readonly type: string;
    readonly vendor: string;
    readonly product: string;
    /** What the device runs now. */
    readonly revision: string;
    /** Only for a unit that shows no designator: otherwise nobody may write to it. */
    readonly identity: string | null;
  };
  /** Units of this host that match. */
  readonly units: number;
  readonly firmware: {
    readonly file: string;
    readonly member: string | null;
    /** Size in bytes of a header in front of the image, or its name; null: none. */
    readonly strip: number | string | null;
    /** The file is meant, whatever it looks like. */
    readonly isVerbatim: boolean;
    readonly sha256: string;
    readonly revision: string;
  };
  readonly download: DraftDownload;
}

/** How the image may be sent and started, and why so: `notes` stand above the section. */
export interface DraftDownload {
  readonly via: 'write-buffer' | 'ses';
  readonly mode: string;
  /** Null: one command. */
  readonly bpw: number | null;
  readonly modeSpecific: number | null;
  readonly notes: readonly string[];
  readonly activate: readonly DraftStep[];
}

export interface DraftStep {
  /** As YAML has it behind the dash. */
  readonly step: string;
  readonly note: string | null;
}

/** The text of a playbook. Every text is in quotes: what a device shows may look like a number to YAML. */
export function writePlaybook(draft: PlaybookDraft): string {
  const { match, firmware, download } = draft;
  const name = `${match.product} to ${firmware.revision}`;
  const lines = [
    ...draft.notes.map(comment),
    '#',
    '# Check every line before you use it, above all those with a comment. Then: runbook validate, lint, plan, apply.',
    '',
    'runbook: v1',
    `name: ${quoted(name)}`,
    '# why: "the fault that the firmware fixes, or a change number"',
    '',
    'plays:',
    `  - name: ${quoted(wordOf(match.product))}`,
    '    match:',
    `      type: ${match.type}`,
    `      vendor: ${quoted(match.vendor)}`,
    `      product: ${quoted(match.product)}`,
    `      revision: [${quoted(match.revision)}] # what it runs now; add others only if the vendor allows an upgrade from them`,
    ...(match.identity === null
      ? []
      : [`      identity: [${quoted(match.identity)}] # it has no designator, so it must be named`]),
    `    expect: ${draft.units} # this host has this many such units now`,
    '',
    '    firmware:',
    `      file: ${quoted(firmware.file)}`,
    ...(firmware.member === null ? [] : [`      member: ${quoted(firmware.member)}`]),
    ...(firmware.strip === null ? [] : [`      strip: ${firmware.strip} # the header in front of the image`]),
    ...(firmware.isVerbatim ? ['      is: verbatim # the device takes the file as it is'] : []),
    `      sha256: ${quoted(firmware.sha256)} # of this file; compare it with the hash from the vendor`,
    `      revision: ${quoted(firmware.revision)} # as given; the device must show exactly this afterwards`,
    '',
    ...download.notes.map((note) => `    ${comment(note)}`),
    '    download:',
    `      via: ${download.via}`,
    `      mode: ${download.mode}`,
    ...(download.bpw === null ? [] : [`      bpw: ${download.bpw} # if the vendor names a size, use that`]),
    ...(download.modeSpecific === null ? [] : [`      mode-specific: ${download.modeSpecific}`]),
    '',
    '    activate:',
    ...download.activate.map(
      ({ step, note }) => `      - ${step}${note === null ? '' : ` ${comment(note)}`}`,
    ),
    '',
    '    verify:',
    '      within: 2m # how long the device may take to be ready with the new revision',
    '',
    'strategy:',
    '  concurrent: 1',
    '  max-failures: 0',
    '  # plan refuses if a drive behind the unit has no second path. If drives may be gone while it restarts:',
    '  # redundancy: outage-accepted',
  ];
  return `${lines.join('\n')}\n`;
}

const comment = (text: string): string => (text === '' ? '#' : `# ${text.replaceAll(NOT_PRINTABLE, '?')}`);

/** What YAML does not take as it is, or what ends a line. */
const NOT_PRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g;

/** A JSON string is a YAML string in double quotes. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(
    NOT_PRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A name of a play: letters, digits, dot, dash, underscore. */
function wordOf(product: string): string {
  const word = product
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|(?<!-)-+$/g, '');
  return word === '' ? 'device' : word;
}
