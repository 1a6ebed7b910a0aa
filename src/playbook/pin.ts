import { isDeepStrictEqual } from 'node:util';
import type { PlaybookWords, PlayWords } from '../generated/playbook.ts';
import type { Diagnostic, Problem } from './diagnostics.ts';
import { diagnosticAt, hasErrors, sortDiagnostics } from './diagnostics.ts';
import { ImageSource } from './image-source.ts';
import type { ImageWords } from './image-source.ts';
import { applyEdits, pinEdit } from './pin-edits.ts';
import type { Edit } from './pin-edits.ts';
import { loadPlaybook } from './playbook.ts';
import { resolvePlaybook } from './resolve.ts';
import { hasOwnImage, imageWords } from './resolve-play.ts';
import { sectionsOf } from './sections.ts';
import { pointerNames } from './yaml-document.ts';
import type { YamlDocument } from './yaml-document.ts';
import { parseYaml } from './yaml.ts';

/** One place of a playbook that pins an image. */
export interface Pin {
  readonly play: string;
  /** JSON pointer of `sha256`. */
  readonly path: string;
  /** `CP022989.scexe!PUF21000.bin` */
  readonly image: string;
  readonly bytes: number;
  /** What is written there now; null: nothing. */
  readonly before: string | null;
  /** Hash of the image, lower-case hex. */
  readonly after: string;
}

export interface Pinning {
  /** The places whose image could be read, in the order of the file. */
  readonly pins: readonly Pin[];
  /** The playbook with every hash right, which validates; null: there are errors. The same text where nothing changes. */
  readonly text: string | null;
  /** About the text as it was given. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface PinOptions {
  /** Where images are looked up: the directory of the playbook. */
  readonly directory: string;
  readonly labImages?: ReadonlyMap<string, Uint8Array>;
}

export const isRight = ({ before, after }: Pin): boolean => before?.toLowerCase() === after;

/**
 * Puts the hashes of the images into a playbook and changes nothing else in its text. A hash that is missing or none is
 * not a mistake here; every other one is. Never throws for what is in the files.
 */
export async function pinPlaybook(file: string, text: string, options: PinOptions): Promise<Pinning> {
  const { document } = parseYaml(file, text);
  const given = loadPlaybook(file, text).diagnostics.filter(({ path }) => !isPinPath(path));
  if (document === null || hasErrors(given)) return { pins: [], text: null, diagnostics: given };
  const problems: Diagnostic[] = [];
  const report = (problem: Problem): void => {
    problems.push(diagnosticAt(document.source, document.valueSpan(problem.path), problem));
  };
  const pins = await readPins(document, options, report);
  const pinned = hasErrors(problems) ? null : pinnedText(document, pins, report);
  if (pinned === null || hasErrors(problems)) {
    return { pins, text: null, diagnostics: sortDiagnostics([...given, ...problems]) };
  }
  const left = (await problemsOf(file, pinned, options)).map((problem) => placedIn(document, problem));
  return { pins, text: hasErrors(left) ? null : pinned, diagnostics: sortDiagnostics(left) };
}

const isPinPath = (path: string): boolean => /^\/plays\/\d+\/(firmware|download(\/\d+)?)\/sha256$/.test(path);

async function readPins(
  document: YamlDocument,
  { directory, labImages }: PinOptions,
  report: (problem: Problem) => void,
): Promise<readonly Pin[]> {
  const images = new ImageSource(directory, labImages ?? null);
  const pins: Pin[] = [];
  for (const [index, play] of (document.value as PlaybookWords).plays.entries()) {
    for (const { words, pointer } of imagesOf(play, `/plays/${index}`)) {
      const path = `${pointer}/sha256`;
      const answer = await images.get({ ...words, sha256: null });
      if ('problem' in answer) {
        const { key, ...problem } = answer.problem;
        report({ ...problem, path: `${pointer}/${key}` });
        continue;
      }
      pins.push({
        play: play.name,
        path,
        image: words.member === null ? words.file : `${words.file}!${words.member}`,
        bytes: answer.image.bytes.length,
        before: typeof words.sha256 === 'string' ? words.sha256 : null,
        after: answer.image.sha256,
      });
    }
  }
  return pins;
}

/** The play's image, and those of sections with their own. */
function imagesOf(
  play: PlayWords,
  pointer: string,
): readonly { readonly words: ImageWords; readonly pointer: string }[] {
  const { firmware } = play;
  return [
    { words: imageWords(firmware), pointer: `${pointer}/firmware` },
    ...sectionsOf(play, pointer)
      .filter(({ section }) => hasOwnImage(section))
      .map((placed) => ({
        words: imageWords({ file: firmware.file, ...placed.section }),
        pointer: placed.pointer,
      })),
  ];
}

/** Null after a problem: the text is held against the old one, value by value, before anybody may write it. */
function pinnedText(
  document: YamlDocument,
  pins: readonly Pin[],
  report: (problem: Problem) => void,
): string | null {
  const { source } = document;
  const wrong = pins.filter((pin) => !isRight(pin));
  const edits: Edit[] = [];
  const wanted: unknown = structuredClone(document.value);
  for (const pin of wrong) {
    const edit = pinEdit(document, pin.path.slice(0, -'/sha256'.length), pin.after);
    if (edit !== null) edits.push(edit);
    setHash(wanted, pin);
  }
  const text = applyEdits(source.text, edits);
  const made = parseYaml(source.file, text);
  if (
    made.document !== null &&
    made.diagnostics.length === 0 &&
    isDeepStrictEqual(made.document.value, wanted)
  )
    return text;
  // An alias that stands for two images, or a way of writing that has no single place for a value.
  for (const { path, after } of wrong) {
    const message = 'the hash cannot be written here without changing something else';
    report({ code: 'format', path, message, hint: `write it by hand: sha256: "${after}"` });
  }
  return null;
}

function setHash(value: unknown, { path, after }: Pin): void {
  let at = value as Record<string, unknown>;
  for (const name of pointerNames(path).slice(0, -1)) at = at[name] as Record<string, unknown>;
  at['sha256'] = after;
}

/** What `validate` would say. */
async function problemsOf(file: string, text: string, options: PinOptions): Promise<readonly Diagnostic[]> {
  const { playbook, diagnostics } = loadPlaybook(file, text);
  if (playbook === null) return diagnostics;
  return [...diagnostics, ...(await resolvePlaybook(playbook, options)).diagnostics];
}

/** The same problem in the text as the person has it, where lines are not moved by what was inserted. */
function placedIn(document: YamlDocument, problem: Diagnostic): Diagnostic {
  return diagnosticAt(document.source, document.valueSpan(problem.path), problem);
}
