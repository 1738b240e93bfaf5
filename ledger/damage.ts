/**
 * What the database says when its files are broken, as the rest of a sentence after the ledger's name; null for any other error. It
 * passes by no try, so nobody is to wait for that. Its own words name files, blocks and indexes, and nothing that is stored.
 * (Source: postgresql.org/docs/current/errcodes-appendix.html, classes 58 and XX.)
 */
export function damage(code: string, message: string): string | null {
  if (code === 'XX002') return `has a broken index (${code}: ${message}). ${REINDEX} ${OR_ELSE}`;
  if (BROKEN_FILES.has(code)) return `is damaged (${code}: ${message}). ${REINDEX} ${OR_ELSE}`;
  if (code === 'XX000' && ASTRAY.test(message)) return `is damaged (${code}: ${message}). ${REINDEX} ${OR_ELSE}`;
  if (code === '' && TRAP.test(message)) {
    return `has broken down (PGlite: ${message}). Restart the worker. If that happens again, its files are damaged. ${REINDEX} ${OR_ELSE}`;
  }
  return null;
}

const REINDEX =
  "Stop the workers, keep a copy of it, and build its indexes anew (REINDEX): 'mdti-sync worker --reindex', as the role that owns the tables.";
const OR_ELSE =
  "If that fails or does not help, restore a backup: docs/deployment.md, 'Restoring the ledger'. Look at the disk, too.";

/** Data and index pages; a file that is not there, is there twice, or cannot be read. */
const BROKEN_FILES: ReadonlySet<string> = new Set(['XX001', '58030', '58P01', '58P02']);

/** Where no checksum has found it, what is broken shows further on, as an internal error. */
const ASTRAY =
  /^(cache lookup failed|could not open relation with OID|could not find (pg_|tuple|attribute)|invalid memory alloc request size|missing chunk number|unexpected chunk|unexpected data beyond EOF|failed to re-find|compressed (pglz |lz4 )?data is corrupt)/;

/** How WebAssembly ends a program that has gone astray (the words are V8's and Emscripten's): PGlite is of no use after it. */
const TRAP =
  /^(unreachable|memory access out of bounds|table index is out of bounds|(null function or )?function signature mismatch|indirect call to null|divide by zero|Aborted\(|Program terminated with exit)/;
