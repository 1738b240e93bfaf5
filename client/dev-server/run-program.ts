import { spawn } from 'node:child_process';

export interface ProgramEnd {
  /** Null when it could not be started or was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started, or that it took too long; null otherwise. */
  readonly trouble: string | null;
}

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end, without a terminal. Never rejects: what went wrong is in the result. */
export function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: options.signal,
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    let trouble: string | null = null;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => {
      trouble = startTrouble(error);
      // A program that was never started does not close.
      if (child.pid === undefined) resolve({ code: null, stdout, stderr, trouble });
    });
    child.on('close', (code, signal) => {
      const ended =
        signal === null
          ? null
          : `it was ended by ${signal}, or took longer than ${Math.round(options.timeoutMs / 1_000)} s`;
      resolve({ code, stdout, stderr, trouble: trouble ?? ended });
    });
  });
}

function startTrouble(error: Error): string {
  if (!('code' in error)) return error.message;
  if (error.code === 'ENOENT') return 'there is no such program';
  if (error.code === 'EACCES') return 'it may not be run';
  if (error.code === 'ABORT_ERR') return 'it was stopped';
  return String(error.code);
}

/** The last words of a program, for an error message: one line, at most 300 characters. */
export function lastWords(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim() ?? '';
  return line.length > 300 ? `…${line.slice(-300)}` : line;
}
