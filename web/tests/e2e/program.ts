import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The program itself, `seogi serve`, with the toy model and a fresh folder for its data. */
export class Program {
  private constructor(
    private process: ChildProcess,
    private data: string,
    readonly url: string,
    private variables: Record<string, string>,
  ) {}

  /** Starts it, with further environment variables. */
  static async start(variables: Record<string, string> = {}): Promise<Program> {
    const data = mkdtempSync(join(tmpdir(), 'seogi-page-'));
    const { child, url } = await listen(data, { PORT: '0', ...variables });
    return new Program(child, data, url, variables);
  }

  /** Kills it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts it again, with its data and at its address. */
  async again(): Promise<void> {
    this.process = (await listen(this.data, { ...this.variables, PORT: new URL(this.url).port })).child;
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.data, { recursive: true, force: true });
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    await ended;
  }
}

async function listen(
  data: string,
  variables: Record<string, string>,
): Promise<{ child: ChildProcess; url: string }> {
  const program = resolve(process.env.SEOGI_BIN ?? '../target/debug/seogi');
  if (!existsSync(program)) throw new Error(`${program} is not there; build it, or name another one in SEOGI_BIN.`);
  const model = resolve(process.env.SEOGI_TEST_MODEL ?? '../tests/ground-truth/models/toy.bin');
  // One thread is plenty for the toy model, and does not wait for others on a busy machine.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, SEOGI_SPEECH_THREADS: '1', ...variables };
  const child = spawn(program, ['serve', '--model', model, '--data', data], { env, cwd: data });
  const url = await new Promise<string>((listening, failed) => {
    let said = '';
    const hear = (piece: Buffer) => {
      said += piece.toString();
      const address = /listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (address) listening(`${address}/`);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', () => failed(new Error(`seogi serve ended:\n${said}`)));
  });
  return { child, url };
}

/** A WAV file of that many seconds without a sound. */
export function silence(seconds: number): Buffer {
  const bytes = 16_000 * 2 * seconds;
  const wav = Buffer.alloc(44 + bytes);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + bytes, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(16_000, 24);
  wav.writeUInt32LE(32_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(bytes, 40);
  return wav;
}
