import { Fault } from '../../indicators/fault.ts';
import { codeOf } from './disk.ts';

const MAKE_ROOM = 'Make room there';
const MAY_WRITE = 'Let the user that the worker runs as write and read there';

/** What a person has to see to: what is wrong, and what to do. */
const FOR_A_PERSON: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  ENOSPC: ['its disk is full', MAKE_ROOM],
  EDQUOT: ['the quota of its disk is used up', MAKE_ROOM],
  EFBIG: ['its file system takes no file as large as that', 'Lower maxBytes'],
  EACCES: ['this user may not read and write there', MAY_WRITE],
  EPERM: ['this user may not do that there', MAY_WRITE],
  EROFS: ['its file system can only be read', 'Mount it so that it can be written to, or name another folder'],
  ENOTDIR: ['it, or a part of its path, is a file', 'Name a folder'],
  ENOENT: ['it is not there', 'Make it or what is above it, or mount what it is on'],
  ELOOP: ['its links lead to each other', 'Name a folder'],
  ENAMETOOLONG: ['its path is too long', 'Name another folder'],
  EISDIR: ['a folder in it has the name of a file of ours', 'Remove that'],
  ENOTEMPTY: ['a folder in it has the name of a file of ours', 'Remove that'],
  EEXIST: ['something in it has the name of a file of ours', 'Remove that'],
};

/** An error of the system as one of the project's; what is no such error is given back as it is. */
export function folderFault(error: unknown, folder: string): unknown {
  const code = codeOf(error);
  if (error instanceof Fault || !/^E[A-Z0-9]+$/.test(code)) return error;
  const known = FOR_A_PERSON[code];
  if (known === undefined) {
    return new Fault('Unavailable', `The folder ${folder} cannot be used now (${code}).`, { cause: error });
  }
  const [problem, remedy] = known;
  return new Fault('Refused', `The folder ${folder} cannot be used: ${problem} (${code}). ${remedy}.`, {
    cause: error,
  });
}
