import { isSea } from 'node:sea';

/** What the build knows of itself; see `buildFacts` in scripts/build.mjs. */
interface BuildFacts {
  readonly version: string;
  /** Abbreviated; `+changes` behind it: the work tree differed from it. null: built without git. */
  readonly commit: string | null;
  /** Day of that commit (UTC), `2026-11-29`; null: not known. */
  readonly date: string | null;
  readonly koffi: string;
}

/** Set by the bundler. */
declare const RUNBOOK_BUILD: BuildFacts | undefined;

/** Which program this is, for `--version`, reports and bug reports. */
export interface ProgramFacts extends BuildFacts {
  /** `Node.js 26.12.1`, and whether it is inside of the executable. */
  readonly runtime: string;
  /** Of the processor, as Node.js names it: `x64`, `arm64`. */
  readonly architecture: string;
}

const build: BuildFacts =
  typeof RUNBOOK_BUILD === 'object'
    ? RUNBOOK_BUILD
    : { version: '0.0.0-source', commit: null, date: null, koffi: 'of the source' };

/** Version of the built program; run from source it has none. */
export const VERSION: string = build.version;

/** The program is one file with its own Node.js inside. */
export const isExecutable = isSea;

export const programFacts = (): ProgramFacts => ({
  version: build.version,
  commit: build.commit,
  date: build.date,
  runtime: `Node.js ${process.versions.node}${isSea() ? ' (inside)' : ''}`,
  koffi: build.koffi,
  architecture: process.arch,
});

/** `0.2.0 (commit 3f2a91c04b17, 2026-11-29; Node.js 26.12.1 (inside), koffi 3.3.4, x64)` */
export function programText(
  { version, commit, date, runtime, koffi, architecture }: ProgramFacts = programFacts(),
): string {
  const source = commit === null ? 'commit unknown' : `commit ${commit}, ${date ?? 'date unknown'}`;
  return `${version} (${source}; ${runtime}, koffi ${koffi}, ${architecture})`;
}
