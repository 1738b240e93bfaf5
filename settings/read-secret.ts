import type { SecretRef, SecretUse } from './secret-ref.ts';

export type Env = Readonly<Record<string, string | undefined>>;
/** Gives a file's text. */
export type ReadFile = (path: string) => Promise<string>;

type Found = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/**
 * The secret behind a reference. Line breaks at its end are left out: editors, `echo` and Kubernetes secrets put one there. What cannot
 * be one is a problem, in a sentence that does not repeat it.
 */
export async function readSecret(
  ref: SecretRef,
  { env, readFile }: { readonly env: Env; readonly readFile: ReadFile },
): Promise<Found> {
  const where = 'env' in ref ? `the environment variable ${ref.env}` : `the file ${ref.file}`;
  const found = 'env' in ref ? fromEnv(env, ref.env) : await readText(readFile, ref.file);
  if (!found.ok) return found;
  const text = withoutEnd(found.text.replace(/^\uFEFF/, ''));
  if (text.trim() === '') return { ok: false, problem: `${where} is empty. Put the secret there.` };
  const flaw = flawOf(text, ref.use);
  return flaw === null ? { ok: true, text } : { ok: false, problem: `${where} ${flaw}` };
}

function fromEnv(env: Env, name: string): Found {
  const text = env[name];
  return text === undefined
    ? { ok: false, problem: `the environment variable ${name} is not set. Set it and try again.` }
    : { ok: true, text };
}

/** A file's text, or why it cannot be had. */
export async function readText(readFile: ReadFile, path: string): Promise<Found> {
  try {
    return { ok: true, text: await readFile(path) };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return {
      ok: false,
      problem: `the file ${path} cannot be read (${why}). See that it exists and that this user may read it.`,
    };
  }
}

function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end -= 1;
  return text.slice(0, end);
}

function flawOf(text: string, use: SecretUse): string | null {
  if (text.includes('\0')) return 'has NUL bytes in it, as text in UTF-16 has. Save it as UTF-8.';
  if (/[\r\n]/.test(text)) return 'has more than one line. Put the secret alone there, on one line.';
  if (/\p{Cc}/u.test(text)) return 'has control characters in it. Put the secret there as plain text.';
  if (use === 'header' && !/^[\x20-\x7e]*$/.test(text)) {
    return 'has letters outside of ASCII, which no HTTP header may hold. Copy the secret anew.';
  }
  return use === 'user' && text.includes(':') ? 'has a colon in it, which no user of a proxy may have.' : null;
}
