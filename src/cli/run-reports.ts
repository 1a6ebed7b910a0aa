import { hostname } from 'node:os';
import { PendingFile } from '../base/durable-file.ts';
import { causeText } from '../base/errno.ts';
import type { Document } from '../report/documents.ts';
import { EventLines } from '../report/event-lines.ts';
import type { RunDocument } from '../report/run-record.ts';
import type { Emit } from '../run/facts/events.ts';
import type { Answer, CommonOptions } from './answer.ts';
import { errorAnswer } from './error-answer.ts';
import type { Io } from './io.ts';
import { placeAdvice } from './place-advice.ts';
import { UsageError } from './usage-error.ts';

export const REPORT_KINDS = ['json', 'jsonl', 'junit', 'markdown', 'html'] as const;

export type ReportKind = (typeof REPORT_KINDS)[number];

/** A file that `--report KIND=FILE` asks for. */
interface WantedReport {
  readonly kind: ReportKind;
  readonly file: string;
}

interface OpenReport extends WantedReport {
  readonly pending: PendingFile;
}

/**
 * The report files of one command. They are opened before anything else happens, and take their place when the command
 * has its answer; what goes wrong then cannot change the result of the devices.
 */
class RunReports {
  readonly #open: readonly OpenReport[];
  readonly #startedAt = new Date();
  readonly #events: readonly EventLines[];
  /** Appends come one after the other. */
  #appended = Promise.resolve();
  readonly #failures = new Map<OpenReport, unknown>();

  private constructor(open: readonly OpenReport[]) {
    this.#open = open;
    this.#events = open
      .filter(({ kind }) => kind === 'jsonl')
      .map((report) => new EventLines((line) => this.#append(report, line)));
  }

  /** Throws UsageError for a word that is not a KIND=FILE, and for a file that cannot be written. */
  static async open(words: readonly string[]): Promise<RunReports> {
    const open: OpenReport[] = [];
    try {
      for (const word of words) {
        const wanted = parseReport(word);
        open.push({ ...wanted, pending: await openTarget(word, wanted.file) });
      }
    } catch (error) {
      for (const { pending } of open) await pending.discard();
      throw error;
    }
    return new RunReports(open);
  }

  readonly emit: Emit = (event) => {
    for (const lines of this.#events) lines.handle(event);
  };

  /** Writes them. Returns what could not be kept, in words; never rejects. */
  async finish(document: Document, lab: string | null): Promise<string[]> {
    const record = { document, startedAt: this.#startedAt, hostname: hostname(), lab };
    for (const report of this.#open) this.#append(report, () => textOf(report.kind, record));
    await this.#appended;
    for (const report of this.#open) {
      if (!this.#failures.has(report)) {
        await report.pending.commit().catch((error: unknown) => this.#failures.set(report, error));
      }
      if (this.#failures.has(report)) await report.pending.discard();
    }
    return [...this.#failures].map(
      ([{ kind, file }, error]) => `--report ${kind}=${file}: not written: ${causeText(error)}`,
    );
  }

  #append(report: OpenReport, text: string | (() => string | Promise<string>)): void {
    this.#appended = this.#appended.then(async () => {
      if (this.#failures.has(report)) return;
      try {
        await report.pending.append(typeof text === 'string' ? text : await text());
      } catch (error) {
        this.#failures.set(report, error);
      }
    });
  }
}

/** Runs a command whose answer goes to the files of `--report` as well, whatever the answer is. */
export async function withReports(
  { command, words, options, io }: ReportingCommand,
  answerOf: (emit: Emit) => Promise<Answer>,
): Promise<Answer> {
  const reports = await RunReports.open(words);
  const answer = await answerOf(reports.emit).catch((error: unknown) =>
    errorAnswer(error, { command, ...options }, io),
  );
  const problems = await reports.finish(answer.document as Document, options.lab ?? null);
  if (problems.length === 0) return answer;
  const told = [
    ...(answer.hint === undefined ? [] : [answer.hint]),
    ...problems.map((text) => `runbook: ${text}`),
  ];
  return { ...answer, hint: told.join('\n') };
}

interface ReportingCommand {
  readonly command: string;
  /** The values of `--report`. */
  readonly words: readonly string[];
  readonly options: CommonOptions;
  readonly io: Io;
}

async function textOf(kind: ReportKind, record: RunDocument): Promise<string> {
  switch (kind) {
    case 'json':
      return `${JSON.stringify(record.document, null, 2)}\n`;
    case 'jsonl':
      return `${JSON.stringify(record.document)}\n`;
    case 'junit':
      return (await import('../report/junit.ts')).junitText(record);
    case 'markdown':
      if (record.document.command === 'plan')
        return (await import('../report/plan-markdown.ts')).planMarkdown(asKept(record.document));
      return (await import('../report/run-markdown.ts')).runMarkdown(record);
    case 'html':
      return (await import('../report/html/page.ts')).htmlOf(asKept(record.document));
  }
}

/** As it is read again from its file: the same page comes of both. */
const asKept = (document: Document): Document => JSON.parse(JSON.stringify(document)) as Document;

function parseReport(word: string): WantedReport {
  const [, name = '', file = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  const kind = REPORT_KINDS.find((known) => known === name);
  if (kind === undefined || file === '') {
    throw new UsageError(
      `--report ${word} is not KIND=FILE`,
      `Write junit=report.xml, for example; the kinds are ${REPORT_KINDS.join(', ')}.`,
    );
  }
  return { kind, file };
}

async function openTarget(word: string, file: string): Promise<PendingFile> {
  try {
    return await PendingFile.open(file, { mode: 0o666 });
  } catch (error) {
    throw new UsageError(`--report ${word}: cannot be written: ${causeText(error)}`, placeAdvice(error));
  }
}
