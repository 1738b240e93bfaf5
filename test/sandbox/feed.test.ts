import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFeed } from '../../sandbox/rows/feed.ts';
import { WrongInput } from '../../sandbox/wrong-input.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mdti-sync feed '));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function feed(content: string | Buffer): Promise<string> {
  const file = join(folder, 'feed.csv');
  await writeFile(file, content);
  return file;
}

async function pairs(content: string | Buffer): Promise<readonly string[]> {
  return (await readFeed(await feed(content))).map(({ type, value }) => `${type} ${value}`);
}

async function refusal(file: string): Promise<string> {
  const error: unknown = await readFeed(file).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(WrongInput);
  return error instanceof WrongInput ? error.message.replace(file, 'FILE') : '';
}

const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('a feed whose meaning is plain is read', () => {
  const TWO = ['ipv4 100.20.30.40', 'md5 0123456789abcdef0123456789abcdef'];
  const [HASH] = ['0123456789abcdef0123456789abcdef'];

  test.each([
    ['with a header in other case', `Type,VALUE\nipv4,100.20.30.40\nmd5,${HASH}\n`],
    ['with columns in other order, and spaces', ` value , type \n 100.20.30.40 , ipv4 \n${HASH},md5\n`],
    ['with semicolons', `type;value\nipv4;100.20.30.40\nmd5;${HASH}\n`],
    ['with tabs', `type\tvalue\nipv4\t100.20.30.40\nmd5\t${HASH}\n`],
    ['with bars', `type|value\nipv4|100.20.30.40\nmd5|${HASH}\n`],
    ['with quotation marks', `"type","value"\n"ipv4","100.20.30.40"\n"md5","${HASH}"\n`],
    ['with quotation marks after spaces', `"type", "value"\n"ipv4", "100.20.30.40"\n"md5", "${HASH}"\n`],
    ['with quotation marks and tabs', `"type"\t"value"\n"ipv4"\t"100.20.30.40"\n"md5"\t"${HASH}"\n`],
    ['with a byte order mark', `\uFEFFtype,value\nipv4,100.20.30.40\nmd5,${HASH}\n`],
    ['with a byte order mark and quotation marks', `\uFEFF"type","value"\nipv4,100.20.30.40\nmd5,${HASH}\n`],
    ['in UTF-16', Buffer.from(`\uFEFFtype\tvalue\r\nipv4\t100.20.30.40\r\nmd5\t${HASH}\r\n`, 'utf16le')],
    ['in the other UTF-16', swapped(`\uFEFFtype,value\r\nipv4,100.20.30.40\r\nmd5,${HASH}\r\n`)],
    ['with the ends of lines of Windows', `type,value\r\nipv4,100.20.30.40\r\nmd5,${HASH}\r\n`],
    ['with the ends of lines of old Macs', `type,value\ripv4,100.20.30.40\rmd5,${HASH}\r`],
    ['with ends of lines of both kinds', `type,value\nipv4,100.20.30.40\r\nmd5,${HASH}`],
    ['with ends of lines of both kinds, the other way round', `type,value\r\nipv4,100.20.30.40\nmd5,${HASH}`],
    ['with blank lines', `\n\r\n  \ntype,value\n\nipv4,100.20.30.40\n   \n,\nmd5,${HASH}\n\n\n`],
    ['with an empty cell at the end of a line', `type,value\nipv4,100.20.30.40,\nmd5,${HASH},,\n`],
    ['with a note after an address in one line', `type,value\nipv4,100.20.30.40,seen twice\nmd5,${HASH}\n`],
    ['with more columns, of which a line has fewer', `type,value,campaign,x\nipv4,100.20.30.40\nmd5,${HASH},storm\n`],
  ])('%s', async (_, content) => {
    expect(await pairs(content)).toEqual(TWO);
  });

  test('with quotation marks in the middle, and separators in quotation marks', async () => {
    const content = 'type,value\nurl,http://a.example/?q="x"\nurl,"http://a.example/?a=1,2&b=""3"""\n';
    expect(await pairs(content)).toEqual(['url http://a.example/?q="x"', 'url http://a.example/?a=1,2&b="3"']);
  });

  test('with the other columns by any spelling', async () => {
    const file = await feed('TYPE;Campaign;First Published;Value\nsha1;storm;2026-01-02;aa\n');
    expect(await readFeed(file)).toEqual([
      { type: 'sha1', value: 'aa', campaign: 'storm', firstPublished: '2026-01-02' },
    ]);
  });

  test('whatever characters lie where it is cut into pieces', async () => {
    const lines = Array.from({ length: 20_000 }, (_, number) => `domain,${'😀é'.repeat(number % 7)}${number}.example`);
    expect(await pairs(`type,value\r\n${lines.join('\r\n')}\r\n`)).toEqual(lines.map((line) => line.replace(',', ' ')));
  });
});

describe('a feed whose meaning is not plain is refused with what was found', () => {
  const WANTED = 'the first line has to name the columns, as in type,value,campaign,first_published.';

  test.each([
    ['empty', '', 'it is empty.'],
    ['only a byte order mark', '\uFEFF', 'it is empty.'],
    ['only blank lines', '\n \r\n\t\n', 'it is empty.'],
    ['nothing but a header', 'type,value\n\n', 'it has the names of the columns and no line below them.'],
    [
      'no header',
      'ipv4,100.20.30.40\n',
      `line 1 has "ipv4", "100.20.30.40", and "type" and "value" are missing; ${WANTED}`,
    ],
    [
      'no known column',
      '\n\na;b;c\n1;2;3\n',
      `line 3 has "a", "b", "c", and "type" and "value" are missing; ${WANTED}`,
    ],
    [
      'no column for the value',
      'type,indicator\nmd5,aa\n',
      `line 1 has "type", "indicator", and "value" is missing; ${WANTED}`,
    ],
    ['a column twice', 'type,value,Value\nmd5,aa,bb\n', 'line 1 names the column "value" twice.'],
    [
      'a separator in a URL',
      'type,value\nmd5,aa\nurl,http://a.example/?a=1,2\n',
      'line 3 has 3 cells, and the first line names 2 columns: put a cell that holds the separator into quotation marks.',
    ],
    [
      'a separator in a campaign',
      'type,value,campaign\nipv4,100.20.30.40,storm, second\n',
      'line 2 has 4 cells, and the first line names 3 columns: put a cell that holds the separator into quotation marks.',
    ],
    [
      'a line with another separator',
      'type,value\nmd5,aa\n\nmd5;bb\n',
      'line 4 has 1 cell, and the first line names 2 columns: each needs its type and its value, with the separator of the first line between them.',
    ],
    [
      'a value in no known encoding',
      Buffer.from('type,value\ndomain,caf\xe9.example\n', 'latin1'),
      'line 2 is no text in UTF-8; save it as CSV in UTF-8.',
    ],
    [
      'binary',
      Buffer.from([0x50, 0x4b, 3, 4, 10, 0, 0, 7]),
      'line 2 is no text; save a spreadsheet or an archive as CSV first.',
    ],
    [
      'UTF-16 without its mark',
      Buffer.from('type,value\n', 'utf16le'),
      'line 1 is no text; save a spreadsheet or an archive as CSV first.',
    ],
    [
      'half of UTF-16',
      Buffer.concat([Buffer.from('\uFEFFtype,value\n', 'utf16le'), Buffer.from([0])]),
      'it begins as text in UTF-16 and does not go on as such.',
    ],
  ])('%s', async (_, content, why) => {
    expect(await refusal(await feed(content))).toBe(`The feed FILE cannot be read: ${why}`);
  });

  test('compressed', async () => {
    expect(await refusal(await feed(gzipSync('type,value\nmd5,aa\n')))).toMatch(/: line \d is no text/);
  });

  test.each([
    ['type,value\nmd5,aa\n\nmd5,"bb\nmd5,cc\n', 'line 4: a quotation mark is opened and never closed.'],
    ['type,value\nmd5,"aa\n', 'line 2: a quotation mark is opened and never closed.'],
    ['type,value\nmd5,"aa\nmd5,bb"\n', 'line 3 ends inside of a cell: a quotation mark above it is never closed.'],
  ])('a quotation mark that does not end: %j', async (content, why) => {
    expect(await refusal(await feed(content))).toBe(`The feed FILE cannot be read: ${why}`);
  });

  test('a long first line is not repeated whole', async () => {
    expect((await refusal(await feed('x'.repeat(100_000)))).length).toBeLessThan(300);
  });
});

describe('what is no file that can be read is refused', () => {
  test('a file that is not there', async () => {
    expect(await refusal(join(folder, 'none.csv'))).toBe('The feed FILE cannot be read: there is no such file.');
    const below = join(await feed('type,value'), 'none.csv');
    expect(await refusal(below)).toBe('The feed FILE cannot be read: there is no such file.');
  });

  test('a folder', async () => {
    expect(await refusal(folder)).toBe('The feed FILE cannot be read: it is a folder, and not a file.');
  });

  test('a pipe, which would be waited for', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('/usr/bin/env', ['mkfifo', pipe]);
    expect(await refusal(pipe)).toMatch(/: it is no regular file; save what comes from it in one first\.$/);
    expect(await refusal('/dev/null')).toMatch(/: it is no regular file/);
  });

  test('a file that this user may not read', async () => {
    const file = await feed('type,value\nmd5,aa\n');
    await chmod(file, 0);
    const user = process.geteuid?.();
    // Root may read everything.
    if (user === 0) process.seteuid?.(65_534);
    const why = await refusal(file).finally(() => {
      if (user === 0) process.seteuid?.(0);
    });
    expect(why).toBe('The feed FILE cannot be read: this user may not read it (EACCES).');
  });
});
