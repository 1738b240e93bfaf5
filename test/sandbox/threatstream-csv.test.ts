import { array, assert, asyncProperty, constantFrom, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRows } from '../../sandbox/threatstream/csv.ts';
import { IMPORT, json, objectsOf, start, upload, uploaded, valuesFor } from './threatstream-caller.ts';

const EVERY_STATUS = 'status=active,inactive';

describe('the rows of a CSV text', () => {
  it.each([
    [
      'plain cells',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'lines that end in CRLF, the last one without',
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['a comma, a mark and a newline inside of marks', '"1,2","say ""so""","x\r\ny"\n', [['1,2', 'say "so"', 'x\r\ny']]],
    ['empty cells, and no empty lines', ',\n\n""\n', [['', ''], ['']]],
    ['a cell that goes on after its mark', '"a"b,c\nd\n', [null, ['d']]],
    ['a mark inside of a plain cell', 'a"b,c\nd\n', [null, ['d']]],
    ['a cell that is never closed', 'd\n"a,c\ne\n', [['d'], null, ['e']]],
    ['a lone carriage return', 'a\rb\nc\n', [null, ['c']]],
  ])('are %s', (_, text, rows) => {
    expect(csvRows(text).map(({ cells }) => cells)).toEqual(rows);
  });

  it('are what was written, whatever stands in the cells', async () => {
    const cell = string({ unit: constantFrom('a', '"', ',', '\n', '\r', '=', ' ', 'ü') });
    await assert(
      asyncProperty(
        array(array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
        async (rows) => {
          const written = rows
            .map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
            .join('\r\n');
          expect(csvRows(written).map(({ cells }) => cells)).toEqual(rows);
        },
      ),
    );
  });
});

describe('an import of a CSV', () => {
  it('takes of each row what it says, and of the request what it does not', async () => {
    const { api } = start();
    const text = [
      'value,itype,private_tags,tlp,is_anonymous,confidence',
      'evil.example.com,phish_domain,"mdti,malicious",amber,true,99',
      '192.0.2.1,,,,,',
      '"http://evil.example.com/a,b?q=""x""",,"mdti",green,,',
    ].join('\r\n');
    const fields = { ip_mapping: 'c2_ip', tlp: 'red', tags: JSON.stringify([{ name: 'shared', tlp: 'red' }]) };
    const { session } = await uploaded(api, text, fields);
    expect(session).toMatchObject({ status: 'done', numIndicators: 3, numRejected: 0 });
    expect(api.holdings()).toMatchObject([
      { value: 'evil.example.com', itype: 'phish_domain', severity: 'high', tlp: 'amber', tags: ['mdti', 'malicious'] },
      { value: '192.0.2.1', itype: 'c2_ip', severity: 'high', tlp: 'red', tags: ['shared'] },
      {
        value: 'http://evil.example.com/a,b?q="x"',
        itype: 'mal_url',
        severity: 'medium',
        tlp: 'green',
        tags: ['mdti'],
      },
    ]);
    expect(api.holdings()[0]).toMatchObject({ confidence: 50, publicTags: [] });
    const [first] = await objectsOf(api, `/api/v2/intelligence/?${EVERY_STATUS}&value=evil.example.com`);
    expect(first).toMatchObject({
      is_anonymous: true,
      tags: [
        { name: 'mdti', tlp: 'red' },
        { name: 'malicious', tlp: 'red' },
      ],
    });
  });

  it('makes public what stands in the column tags', async () => {
    const { api } = start();
    await uploaded(api, 'value,tags,private_tags\n192.0.2.1,"a,b",c\n');
    expect(api.holdings()).toMatchObject([{ tags: ['a', 'b', 'c'], publicTags: ['a', 'b'] }]);
    expect(api.counts()).toMatchObject({ publicTags: 2, tagNames: 3 });
  });

  it.each([
    ['replace', ['own']],
    ['add', ['shared', 'own']],
  ] as const)('can have the tags of the request %s those of a row', async (rowTags, tags) => {
    const { api } = start({ rowTags });
    const shared = JSON.stringify([{ name: 'shared', tlp: 'red' }]);
    await uploaded(api, 'value,private_tags\n192.0.2.1,own\n', { tags: shared });
    expect(api.holdings()).toMatchObject([{ tags, publicTags: [] }]);
  });

  const BAD = [
    'value,itype,tlp',
    '192.0.2.1,mal_ip,amber',
    '192.0.2.2,mal_domain,amber',
    '192.0.2.3,mal_ip,purple',
    '"192.0.2.4"x,mal_ip,amber',
    'Mozilla/5.0,,',
    'Mozilla/6.0,mal_ua,',
    ',mal_ip,',
  ].join('\n');

  it('loses the rows that do not fit, and says why', async () => {
    const { api } = start();
    const { id, session } = await uploaded(api, BAD);
    expect(session).toMatchObject({ status: 'done', numIndicators: 2, numRejected: 5 });
    expect(api.holdings().map(({ value, type }) => [value, type])).toEqual([
      ['192.0.2.1', 'ip'],
      ['Mozilla/6.0', 'string'],
    ]);
    expect(await objectsOf(api, `/api/v1/importsession/${id}/rejects/?limit=1000`)).toMatchObject([
      { value: '192.0.2.2', itype: 'mal_domain', message: 'The itype is not one of the type of the observable.' },
      { value: '192.0.2.3', message: 'The TLP is unknown.' },
      { value: '"192.0.2.4"x,mal_ip,amber', itype: null, message: 'The row is not valid CSV.' },
      { value: 'Mozilla/5.0', itype: null, message: 'The observable has no itype.' },
      { value: '', message: 'The row has no value.' },
    ]);
  });

  it('or the whole file, with its session in errors', async () => {
    const { api } = start({ badCsvRow: 'file' });
    const { session } = await uploaded(api, BAD);
    expect(session).toMatchObject({ status: 'errors', numIndicators: 0, numRejected: 0 });
    expect(session['messages']).toBe('Row 3: The itype is not one of the type of the observable.');
    expect(api.counts().holds).toBe(0);
  });

  it.each(['domain\nevil.example.com\n', 'Value\nevil.example.com\n', '\ufeffvalue\nevil.example.com\n', ''])(
    'ends in errors without the column value: %j',
    async (text) => {
      expect((await uploaded(start().api, text)).session).toMatchObject({ status: 'errors' });
    },
  );

  it('takes a percent sign for a wildcard, and the URL is not held', async () => {
    const { api } = start();
    const url = 'http://evil.example.com/a%2Fb';
    await uploaded(api, `value,itype\n${url},mal_url\n`);
    expect(api.counts()).toMatchObject({ wildcards: 1, holds: 1 });
    expect(api.holdings()).toMatchObject([{ value: url, type: 'string', itype: 'suspicious_wildcard_url' }]);
    expect(await valuesFor(api, `${EVERY_STATUS}&type=url`)).toEqual([]);
    const text = await json(api, 'POST', IMPORT, ...textOf(url));
    await json(api, 'GET', `/api/v1/importsession/${String(text.body['import_session_id'])}/`);
    await json(api, 'GET', `/api/v1/importsession/${String(text.body['import_session_id'])}/`);
    expect(await valuesFor(api, `${EVERY_STATUS}&value=${encodeURIComponent(url)}`)).toEqual([url, url]);
  });

  it('or does not', async () => {
    const { api } = start({ percentIsWildcard: false });
    await uploaded(api, 'value\nhttp://evil.example.com/a%2Fb\n');
    expect(api.counts()).toMatchObject({ wildcards: 0 });
    expect(api.holdings()).toMatchObject([{ type: 'url', itype: 'mal_url' }]);
  });
});

describe('an import of a file of another type', () => {
  it('is searched for observables as a text is', async () => {
    const { api } = start();
    const text = 'value,itype\n192.0.2.1,phish_ip and http://evil.example.com/a%2Fb\n';
    const { session } = await uploaded(api, text, {}, { name: 'values.txt', type: 'text/plain' });
    expect(session).toMatchObject({ fileName: 'values.txt', fileType: 'txt', numIndicators: 2 });
    expect(api.holdings()).toMatchObject([
      { value: '192.0.2.1', itype: 'mal_ip' },
      { value: 'http://evil.example.com/a%2Fb', type: 'url' },
    ]);
    expect(api.counts()).toMatchObject({ wildcards: 0 });
  });

  it('is structured by its name or by its content type', async () => {
    const { api } = start();
    await uploaded(api, 'value,itype\n192.0.2.1,phish_ip\n', {}, { name: 'A.CSV', type: 'application/octet-stream' });
    await uploaded(api, 'value,itype\n192.0.2.2,phish_ip\n', {}, { name: 'b', type: 'text/csv; charset=utf-8' });
    expect(api.holdings()).toMatchObject([{ itype: 'phish_ip' }, { itype: 'phish_ip' }]);
  });
});

function textOf(value: string): readonly [string, string] {
  const { body, type } = upload(value, {}, { name: 'values.txt', type: 'text/plain' });
  return [body, type];
}
