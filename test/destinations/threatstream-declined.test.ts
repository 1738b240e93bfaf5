import { describe, expect, it } from 'vitest';
import { json, page, RECEIPT, SENT_AT, scripted, shipment } from './scripted-threatstream.ts';
import { SIGNAL } from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

const LOST = { sentAfter: new Date(SENT_AT), endedAt: new Date(SENT_AT) };
const SESSION = { id: 7, status: 'done', numIndicators: 1, numRejected: 0 };
const VALUE = 'a.example.com';

/** Everything is answered, but these questions with this status. */
function declining(status: number, which: (url: URL) => boolean) {
  return scripted((_, url) => {
    if (which(url)) return json(status, { message: `Invalid: ${VALUE}` });
    if (/\/importsession\/7\/\w+\/$/.test(url.pathname)) return json(404, {});
    return url.pathname.endsWith('/importsession/7/') ? json(200, SESSION) : page([]);
  });
}

const isSearch = ({ pathname }: URL): boolean => pathname.endsWith('/api/v2/intelligence/');
const isSession = ({ pathname }: URL): boolean => pathname.endsWith('/importsession/7/');
const isList = ({ pathname }: URL): boolean => pathname.endsWith('/importsession/');
const asks = (name: string, value: string) => (url: URL) => url.searchParams.get(name) === value;

const QUESTIONS = {
  confirm: (of: ReturnType<typeof scripted>) => of.threatstream.confirm(shipment(of.threatstream), RECEIPT, SIGNAL),
  find: (of: ReturnType<typeof scripted>) => of.threatstream.find(shipment(of.threatstream), LOST, SIGNAL),
  withdraw: (of: ReturnType<typeof scripted>) => withdraw(of.threatstream, [{ id: 5, value: VALUE }], SIGNAL),
};

describe('a question that is declined whatever is asked', () => {
  it.each([
    ['confirm', 'read intelligence', isSearch],
    ['find', 'read intelligence', isSearch],
    ['find', 'see import sessions', isList],
    ['confirm', 'see import sessions', (url: URL) => isList(url) || isSession(url)],
    ['withdraw', 'read intelligence', isSearch],
  ] as const)('is Refused, and says what to check (%s, to %s)', async (question, needs, which) => {
    for (const status of [400, 402, 405, 406, 410, 414, 415, 422]) {
      await expect(QUESTIONS[question](declining(status, which))).rejects.toMatchObject({
        kind: 'Refused',
        message: expect.stringMatching(new RegExp(`answered ${status} .*${needs}.*check`)),
      });
    }
  });

  it.each([408, 409, 425])('passes by itself, where it is answered %i', async (status) => {
    await expect(QUESTIONS.confirm(declining(status, isSearch))).rejects.toMatchObject({ kind: 'Unavailable' });
  });
});

describe('a question that is declined while others like it are answered', () => {
  it('leaves that one value unknown, and does not block the rest', async () => {
    for (const status of [400, 422]) {
      const { threatstream } = declining(status, asks('value', VALUE));
      const values = [
        { id: 5, value: VALUE },
        { id: 6, value: 'b.example.com' },
      ];
      const { unknown, missing } = await withdraw(threatstream, values, SIGNAL);
      expect(missing).toEqual([6]);
      expect(unknown).toEqual([{ id: 5, reason: expect.stringMatching(new RegExp(`answered ${status} `)) }]);
      expect(unknown[0]?.reason).not.toContain(VALUE);
    }
  });

  it.each([
    ['confirm', 'a session', isSession],
    ['confirm', 'a value', (url: URL) => url.searchParams.has('q') || asks('value', 'host0.example.com')(url)],
  ] as const)(
    'is a matter of %s of %s alone, which is not worth more than a bounded effort',
    async (question, _, which) => {
      await expect(QUESTIONS[question](declining(400, which))).rejects.toMatchObject({
        kind: 'Unavailable',
        message: expect.stringMatching(/answered 400 .*others like it are answered/i),
      });
    },
  );

  it('costs nothing where all are answered', async () => {
    const of = declining(400, () => false);
    await QUESTIONS.withdraw(of);
    expect(of.requests).toHaveLength(2);
  });
});
