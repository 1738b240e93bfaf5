import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../indicators/fault.ts';
import { type Holder, holderOf, socketOf, standingOf, thisProcess } from './folder-holder.ts';
import { listenIn } from './live-socket.ts';
import { makeFolder } from './make-folder.ts';

export interface HeldFolder {
  release(): Promise<void>;
}

/** In the folder that is held, so that every path to it leads to the same lock. */
export const LOCK_FOLDER = 'mdti-sync-lock';
const LOCK = /^lock\.(\d+)$/;
/** Each try that fails means that another process has moved on. */
const MOST_TRIES = 100;

/**
 * Holds a folder for this process until it lets go or ends in whatever way; a second one is `Refused`. A holder that is gone is
 * superseded.
 *
 * Locks are numbered, and the newest says who holds the folder. A new one is made under the next number by a hard link: whole, and by one
 * process only. The newest is never removed, only emptied, so a number that was newest once is never given again: whoever was slow finds that
 * its number is taken, or not the newest.
 */
export async function holdFolder(folder: string): Promise<HeldFolder> {
  const place = join(folder, LOCK_FOLDER);
  await makeFolder(place);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const newest = await newestLock(place);
    await requireFree(folder, place, newest);
    const held = await take(place, newest + 1);
    if (held !== null) return held;
  }
  throw new Fault('Unavailable', `Others open the embedded ledger in ${folder} at the same time again and again.`);
}

/** The highest number; 0 for none. */
async function newestLock(place: string): Promise<number> {
  const numbers = (await readdir(place)).map((name) => Number(LOCK.exec(name)?.[1] ?? 0));
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}

async function requireFree(folder: string, place: string, number: number): Promise<void> {
  const text = await readFile(lockFile(place, number), 'utf8').catch((error: unknown) => absent(error, ''));
  const holder = holderOf(text);
  if (holder === null) return;
  const standing = await standingOf(holder, place);
  if (standing !== 'gone') throw new Fault('Refused', sentence(folder, place, holder, standing));
}

/** Null when another process was faster. */
async function take(place: string, number: number): Promise<HeldFolder | null> {
  const id = randomUUID();
  const claim = join(place, `${id}.claim`);
  const lock = lockFile(place, number);
  const socket = await listenIn(place, socketOf({ id }));
  const release = async (): Promise<void> => {
    await truncate(lock).catch((error: unknown) => absent(error, undefined));
    await socket?.close();
  };
  try {
    await writeFile(claim, JSON.stringify(thisProcess(id, socket !== null)));
    await link(claim, lock);
  } catch (error) {
    await socket?.close();
    await rm(claim, { force: true });
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return null;
    if (!NO_LINKS.has(codeOf(error))) throw error;
    throw new Fault('Refused', `The file system of ${place} has no hard links, and cannot hold the embedded ledger.`);
  }
  if ((await newestLock(place)) !== number) {
    await release();
    return null;
  }
  await sweep(place, [`lock.${number}`, socketOf({ id })]);
  return { release };
}

/** What those have left behind that were here before. Who is in between finds its number taken. */
async function sweep(place: string, keep: readonly string[]): Promise<void> {
  const left = (await readdir(place)).filter((name) => !keep.includes(name));
  await Promise.all(left.map((name) => rm(join(place, name), { force: true })));
}

function lockFile(place: string, number: number): string {
  return join(place, `lock.${number}`);
}

function sentence(folder: string, place: string, holder: Holder, standing: 'alive' | 'unknown'): string {
  const who = `process ${holder.pid} on ${holder.host}, since ${holder.since}`;
  const several = 'For several workers, set ledger.url to a PostgreSQL server.';
  return standing === 'alive'
    ? `The embedded ledger in ${folder} is open already (${who}), and takes one process at a time. Stop that one first. ${several}`
    : `The embedded ledger in ${folder} may be open elsewhere (${who}), which cannot be seen from here, and takes one process at a time. Stop that one; if it is gone for good, delete ${place} and start again. ${several}`;
}

const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined;
}

function absent<T>(error: unknown, instead: T): T {
  if (codeOf(error) === 'ENOENT') return instead;
  throw error;
}
