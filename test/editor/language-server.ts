import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { inProject } from '../support/paths.ts';

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface EditorDiagnostic {
  readonly message: string;
  readonly range: { readonly start: Position; readonly end: Position };
}

export interface CompletionItem {
  readonly label: string;
  readonly documentation?: string | { readonly value: string };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const SETTINGS = {
  validate: true,
  hover: true,
  completion: true,
  // Nothing of the network: not the catalogue of schemas, and not the schemas of Kubernetes.
  schemaStore: { enable: false, url: '' },
  kubernetesCRDStore: { enable: false },
};

/** The real language server that editors use, on a pipe, with a document that need not exist on disk. */
export class LanguageServer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  readonly #diagnostics = new Map<string, (found: readonly EditorDiagnostic[]) => void>();
  #buffer = Buffer.alloc(0);
  #lastId = 0;
  #version = 0;
  /** What the server asked its client for. */
  readonly asked: string[] = [];

  private constructor() {
    const program = inProject('node_modules/yaml-language-server/bin/yaml-language-server');
    // No proxy, and none to be found: a request to the network fails at once.
    const env = { ...process.env, HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' };
    this.#child = spawn(process.execPath, [program, '--stdio'], { env });
    this.#child.stdout.on('data', (piece: Buffer) => this.#receive(piece));
    this.#child.stderr.resume();
  }

  static async start(): Promise<LanguageServer> {
    const server = new LanguageServer();
    await server.#request('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(inProject('.')).href,
      capabilities: {
        workspace: { configuration: true },
        textDocument: {
          hover: { contentFormat: ['markdown', 'plaintext'] },
          completion: { completionItem: { documentationFormat: ['markdown', 'plaintext'] } },
          publishDiagnostics: {},
        },
      },
    });
    server.#notify('initialized', {});
    server.#notify('workspace/didChangeConfiguration', { settings: { yaml: SETTINGS } });
    return server;
  }

  /** Opens a text as if it lay at `file`. Returns what is wrong with it. */
  async open(file: string, text: string): Promise<readonly EditorDiagnostic[]> {
    const uri = pathToFileURL(file).href;
    const found = new Promise<readonly EditorDiagnostic[]>((resolve) => this.#diagnostics.set(uri, resolve));
    const version = ++this.#version;
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version, text } });
    return await found;
  }

  /** The text that is shown at a place; empty: none. */
  async hover(file: string, position: Position): Promise<string> {
    const hover = (await this.#request('textDocument/hover', at(file, position))) as {
      contents: { value: string };
    } | null;
    return hover?.contents.value ?? '';
  }

  async complete(file: string, position: Position): Promise<readonly CompletionItem[]> {
    const list = (await this.#request('textDocument/completion', at(file, position))) as {
      items: CompletionItem[];
    };
    return list.items;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    await this.#request('shutdown', null);
    this.#notify('exit', null);
    await ended;
  }

  #request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  #notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: Message): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#child.stdin.write(body);
  }

  #receive(piece: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, piece]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.toString('latin1', 0, end))![1]);
      if (this.#buffer.length < end + 4 + length) return;
      const body = this.#buffer.toString('utf8', end + 4, end + 4 + length);
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#handle(JSON.parse(body) as Message);
    }
  }

  #handle({ id, method, params, result, error }: Message): void {
    if (method === undefined) {
      const waiting = this.#answers.get(id!)!;
      if (error === undefined) waiting.resolve(result);
      else waiting.reject(new Error(error.message));
    } else if (id !== undefined) {
      this.asked.push(method);
      this.#send({ id, result: method === 'workspace/configuration' ? configuration(params) : null });
    } else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly EditorDiagnostic[] };
      this.#diagnostics.get(uri)?.(diagnostics);
    }
  }
}

const at = (file: string, position: Position): object => ({
  textDocument: { uri: pathToFileURL(file).href },
  position,
});

/** One answer per section that is asked for. */
const configuration = (params: unknown): unknown[] =>
  (params as { items: { section?: string }[] }).items.map(({ section }) =>
    section === 'yaml' ? SETTINGS : {},
  );
