import { describe, expect, test } from 'vitest';
import type { ListedValue } from '../../client/values/listed-value.ts';
import { MOST_VALUES, readList } from '../../client/values/read-list.ts';

/** Line, kind, and the value or what is wrong. */
function shown(value: ListedValue): readonly [number, string, string] {
  return [value.line, value.kind, value.kind === 'none' ? value.reason : value.key.value];
}

function read(text: string, column: string | null = null): unknown {
  const reading = readList(text, column);
  return reading.ok ? reading.values.map(shown) : reading.why;
}

describe('lines', () => {
  test('each is one value, with its line; blank ones and comments are none', () => {
    const text = [
      '# from the report',
      '',
      'evil.example.com   # the first one',
      '  hxxp://evil[.]example[.]com/a#b',
      '#198.51.100.7',
      '8[.]8[.]8[.]8',
      'D41D8CD98F00B204E9800998ECF8427E',
      'nothing of use',
      '',
    ].join('\n');
    expect(read(text)).toEqual([
      [3, 'host', 'evil.example.com'],
      [4, 'host', 'http://evil.example.com/a#b'],
      [6, 'host', '8.8.8.8'],
      [7, 'hash', 'd41d8cd98f00b204e9800998ecf8427e'],
      [8, 'none', 'not a valid domain name'],
    ]);
  });

  test.each(['\r\n', '\n', '\r'])('end as they do: %j', (end) => {
    expect(read(`a.example.com${end}${end}b.example.com${end}`)).toEqual([
      [1, 'host', 'a.example.com'],
      [3, 'host', 'b.example.com'],
    ]);
  });

  test('of a CSV without names of columns: the one cell that can be read', () => {
    const text =
      '2026-11-24,a.example.com,"bad, very bad"\n"b.example.com";high\nc.example.com\t1\na.example.com,b.example.com';
    expect(read(text)).toEqual([
      [1, 'host', 'a.example.com'],
      [2, 'host', 'b.example.com'],
      [3, 'host', 'c.example.com'],
      [4, 'none', 'not a valid domain name'],
    ]);
  });

  test('the host of a URL or of an e-mail address is what is asked for; what is reserved is not', () => {
    const reading = readList(
      'https://a.example.com:8443/x\nsomeone@b.example.com\n10.1.2.3\nhttp://printer.local/\n',
      null,
    );
    expect(reading).toMatchObject({
      ok: true,
      column: null,
      values: [
        { kind: 'host', host: 'a.example.com', key: { type: 'url' } },
        { kind: 'host', host: 'b.example.com', key: { type: 'email' } },
        { kind: 'reserved', host: '10.1.2.3' },
        { kind: 'reserved', host: 'printer.local' },
      ],
    });
  });

  test('what is there twice is there twice, and as it was written', () => {
    const reading = readList('EVIL.example.com\nevil[.]example.com', null);
    expect(reading).toMatchObject({ values: [{ written: 'EVIL.example.com' }, { written: 'evil[.]example.com' }] });
  });
});

describe('a CSV', () => {
  test.each([
    ['value', 'value\na.example.com'],
    ['Indicator', 'type,Indicator,date\ndomain,a.example.com,2026'],
    ['Host Name', 'n;Host Name\n1;a.example.com'],
    ['ObservableValue', 'Id\tObservableValue\n1\ta.example.com'],
    ['ioc', '"ip"|"ioc"\n|a.example.com'],
    ['fqdn', '# a comment\n\nfqdn,note\na.example.com,#1'],
  ])('is read by its column %s', (column, text) => {
    expect(readList(text, null)).toMatchObject({ ok: true, column, values: [{ key: { value: 'a.example.com' } }] });
  });

  test('has quotes, line ends in cells, short lines, comments and blank lines', () => {
    const text = [
      'note,value,more',
      '"two',
      'lines","a.example.com",x',
      '',
      '# none',
      ',,',
      'too short',
      'said "so",b.example.com',
      '"c",https://c.example.com/?a=1;2',
      'd,"https://d.example.com/?a=1,2",x,y,z',
    ].join('\r\n');
    expect(read(text)).toEqual([
      [2, 'host', 'a.example.com'],
      [7, 'none', 'the value is empty'],
      [8, 'host', 'b.example.com'],
      [9, 'host', 'https://c.example.com/?a=1;2'],
      [10, 'host', 'https://d.example.com/?a=1,2'],
    ]);
  });

  test('of one column has no separators', () => {
    expect(read('url\nhttp://a.example.com/?a,b;c|d\n"http://b.example.com/"')).toEqual([
      [2, 'host', 'http://a.example.com/?a,b;c|d'],
      [3, 'host', 'http://b.example.com/'],
    ]);
  });

  test('is read by the column that is asked for, in any case', () => {
    const text = 'Source IP,Dest IP,value\n8.8.8.8,9.9.9.9,x';
    expect(read(text, 'dest_ip')).toEqual([[2, 'host', '9.9.9.9']]);
    expect(read(text, 'nope')).toBe('has no such column in its first line');
    expect(read('a,A\n1,2', 'a')).toBe('names that column twice');
  });

  test('that can be meant in two ways is not guessed at', () => {
    expect(read('ip,domain\n8.8.8.8,a.example.com')).toBe(
      'has several columns that could be meant (ip, domain): name one by --column',
    );
    expect(read('value,value\n1,2')).toMatch(/^has several columns/);
  });

  test('with a quotation mark that is never closed is told so', () => {
    expect(read('value,note\na.example.com,"x\nb.example.com,y')).toBe(
      'has a quotation mark that is opened and never closed',
    );
  });
});

test('an empty list, one of comments, and one of names of columns have no value', () => {
  expect([read(''), read('\n \r\n# x\n'), read('value,note\n'), read('value')]).toEqual([
    'has no value',
    'has no value',
    'has no value below the names of its columns',
    'has no value below the names of its columns',
  ]);
});

test('a hundred thousand values are taken, and not one more', () => {
  const lines = Array.from({ length: MOST_VALUES }, (_, at) => `h${at}.example.com`).join('\n');
  expect(readList(lines, null)).toMatchObject({ ok: true });
  expect(read(`${lines}\nmore.example.com`)).toBe('has 100,001 values, and 100,000 are the most at once: divide it');
});

test('a line that is longer than anything of use is cut off where it is shown', () => {
  const reading = readList(`http://a.example.com/${'x'.repeat(100_000)}`, null);
  expect(reading).toMatchObject({ values: [{ kind: 'none', reason: 'longer than a URL can be' }] });
  expect(reading.ok && reading.values[0]?.written).toHaveLength(8_192);
});
