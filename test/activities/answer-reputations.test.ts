import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer } from '../../activities/answer.ts';
import { newExchangeKeys } from '../../exchange/keys.ts';
import { type HostReputation, reputationsAnswered } from '../../exchange/messages.ts';
import { type Place, seal, unseal } from '../../exchange/sealed.ts';
import { Fault } from '../../indicators/fault.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { saveReputations } from '../../ledger/reputations.ts';
import { madeUpReputation } from '../../sandbox/graph/made-up-reputation.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { newHosts, startLookUps } from './look-ups.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

const SILENT = new DefaultLogger('ERROR', () => undefined);
const HOUR = 3_600_000;

/** The command's end of an exchange with the step that answers, on a ledger and the sandbox's Graph. */
async function open(lookUps: Awaited<ReturnType<typeof startLookUps>>) {
  const { parts } = lookUps.own;
  const step = <T>(work: () => Promise<T>): Promise<T> => {
    const workflowExecution = { workflowId: `ask/values/${randomUUID()}`, runId: 'run' };
    return new MockActivityEnvironment({ workflowExecution }, { logger: SILENT }).run(work);
  };
  const keys = newExchangeKeys();
  const opened = await step(() => answer(parts, { kind: 'open-exchange', pipeline: null, publicKey: keys.publicKey }));
  if (!('publicKey' in Object(opened))) throw new Error('It is not open.');
  const { exchange, publicKey } = Object(opened);
  const secret = keys.agree(String(publicKey)) ?? expect.fail();
  const placeOf = (part: number, direction: Place['direction']): Place => ({ exchange, part, direction });
  const send = (part: number, sealed: string): Promise<unknown> =>
    step(() => answer(parts, { kind: 'reputations', pipeline: null, exchange, part, sealed }));
  const sealedFor = (part: number, hosts: unknown): string =>
    seal(secret, placeOf(part, 'question'), JSON.stringify({ hosts }));
  const read = (part: number, answered: unknown): readonly HostReputation[] => {
    const text = unseal(secret, placeOf(part, 'answer'), String(Object(answered).sealed));
    return reputationsAnswered.parse(JSON.parse(text ?? expect.fail('It does not open.'))).reputations;
  };
  return {
    send,
    sealedFor,
    exchange,
    read,
    async ask(part: number, hosts: readonly string[]) {
      return read(part, await send(part, sealedFor(part, hosts)));
    },
    /** For as long as the engine would, without its pauses. */
    async askOn(part: number, hosts: readonly string[]) {
      for (;;) {
        try {
          return read(part, await send(part, sealedFor(part, hosts)));
        } catch (error) {
          if (!(error instanceof Fault) || !['Throttled', 'Unavailable'].includes(error.kind)) throw error;
          lookUps.clock.at = new Date(lookUps.clock.at.getTime() + (error.retryAfterMs ?? 1_000));
        }
      }
    },
    close: () => step(() => answer(parts, { kind: 'close-exchange', pipeline: null, exchange })),
  };
}

const exchanges = () => ledger.selectFrom('exchanges').select(['id', 'secret']).execute();

describe('the reputations of hosts', () => {
  test('are those of MDTI, in the order of the question; each host is asked for once, whoever asks next', async () => {
    const lookUps = await startLookUps(ledger);
    const hosts = newHosts(25);
    const exchange = await open(lookUps);
    const first = await exchange.ask(1, hosts);
    expect(first).toEqual(
      hosts.map((host) => {
        const { score, classification, rules = [] } = madeUpReputation(1, host) ?? {};
        return {
          kind: 'scored',
          score,
          classification,
          rules: rules.map(({ name, severity }) => ({ name, severity })),
          checked: lookUps.clock.at.toISOString(),
          isNew: true,
        };
      }),
    );
    lookUps.clock.at = new Date(lookUps.clock.at.getTime() + HOUR / 2);
    expect(await exchange.ask(2, hosts.slice(0, 3))).toMatchObject([{ isNew: true }, { isNew: true }, { isNew: true }]);
    const again = await open(lookUps);
    expect(await again.ask(1, hosts)).toEqual(first.map((one) => Object.assign({}, one, { isNew: false })));
    expect(lookUps.asked.flat().toSorted()).toEqual(hosts.toSorted());
    expect(lookUps.counts()).toMatchObject({ lookUps: 25 });
  });

  test('are what a pipeline has found, and what they find a pipeline need not ask for', async () => {
    const lookUps = await startLookUps(ledger);
    const [theirs, ours] = [newHosts(3), newHosts(3)];
    await lookUps.score(await lookUps.bring(theirs));
    const exchange = await open(lookUps);
    expect((await exchange.ask(1, [...theirs, ...ours])).map((one) => one.kind)).toEqual(Array(6).fill('scored'));
    await lookUps.score(await lookUps.bring(ours));
    expect(lookUps.asked.flat()).toHaveLength(6);
  });

  test('of which MDTI has none, and of which it does not answer, are told apart', async () => {
    const lookUps = await startLookUps(ledger);
    const none = Array.from({ length: 200 }, (_, at) => `none${at}.example.com`).find(
      (host) => madeUpReputation(1, host) === null,
    );
    const [good = '', bad = ''] = newHosts(2);
    lookUps.setFaults({ hosts: { [bad]: 'fails' } });
    const exchange = await open(lookUps);
    expect(await exchange.askOn(1, [bad, none ?? expect.fail(), good])).toMatchObject([
      { kind: 'failed', why: 'look-up-failed', failure: expect.stringMatching(/^MDTI/) },
      { kind: 'none', isNew: true },
      { kind: 'scored' },
    ]);
  });

  test('that are too much for one answer are answered in part, and those that are left the next time', async () => {
    const lookUps = await startLookUps(ledger);
    const hosts = newHosts(60);
    const rules = Array.from({ length: 110 }, (_, at) => ({
      name: `${at} ${'w'.repeat(250)}`,
      description: 'd',
      severity: 'high',
      relatedDetailsUrl: null,
    }));
    const { at } = lookUps.clock;
    const reputation = { kind: 'scored', score: 80, classification: 'malicious', rules } as const;
    await saveReputations(
      ledger,
      hosts.map((host) => ({ host, reputation, expiresAt: new Date(at.getTime() + HOUR) })),
      at,
    );
    const exchange = await open(lookUps);
    let left: readonly string[] = hosts;
    for (let part = 1; left.length > 0; part += 1) {
      const sent = await exchange.send(part, exchange.sealedFor(part, left));
      expect(JSON.stringify(sent).length).toBeLessThan(512 * 1024);
      const answered = exchange.read(part, sent);
      expect(answered.length).toBeGreaterThan(0);
      left = left.slice(answered.length);
    }
    expect(lookUps.asked).toEqual([]);
  });

  test('without a licence are refused, with the sentence that says what to do', async () => {
    const lookUps = await startLookUps(ledger);
    lookUps.setFaults({ licence: true });
    const exchange = await open(lookUps);
    await expect(exchange.askOn(1, newHosts(3))).rejects.toThrow(/licence/);
  });
});

describe('an exchange', () => {
  test('answers what was sealed for that part of it, and nothing else', async () => {
    const lookUps = await startLookUps(ledger);
    const [one, other] = [await open(lookUps), await open(lookUps)];
    const sealed = one.sealedFor(1, newHosts(1));
    const refused = /not sealed for this place/;
    await expect(one.send(2, sealed)).rejects.toThrow(refused);
    await expect(other.send(1, sealed)).rejects.toThrow(refused);
    await expect(one.send(1, `${sealed.slice(0, -8)}AAAAAAA=`)).rejects.toThrow(refused);
    await expect(one.send(1, 'no such thing')).rejects.toThrow(refused);
    expect(lookUps.asked).toEqual([]);
    await one.send(1, sealed);
    // The answer to it is none to any other question, nor a question.
    const answered = await one.send(1, sealed);
    await expect(one.send(1, String(Object(answered).sealed))).rejects.toThrow(refused);
    expect(() => one.read(2, answered)).toThrow('It does not open.');
  });

  test.each([
    ['no hosts', []],
    ['something else', ['evil.example.com', 7]],
    ['what is not canonical', ['EVIL.example.com']],
    ['what is no host', ['evil']],
    ['a host twice', ['a.example.com', 'a.example.com']],
    ['too many', Array.from({ length: 501 }, (_, at) => `h${at}.example.com`)],
  ])('with %s in a question is refused, and asks for nothing', async (_, hosts) => {
    const lookUps = await startLookUps(ledger);
    const exchange = await open(lookUps);
    await expect(exchange.send(1, exchange.sealedFor(1, hosts))).rejects.toThrow(
      /not one that a worker of this release knows/,
    );
    expect(lookUps.asked).toEqual([]);
  });

  test('that is closed, or not heard of for an hour, leaves nothing behind and answers nothing', async () => {
    const lookUps = await startLookUps(ledger);
    const [closed, forgotten, used] = [await open(lookUps), await open(lookUps), await open(lookUps)];
    const hosts = newHosts(1);
    await closed.close();
    await expect(closed.ask(1, hosts)).rejects.toThrow(/is over/);
    lookUps.clock.at = new Date(lookUps.clock.at.getTime() + HOUR - 1);
    await used.ask(1, hosts);
    lookUps.clock.at = new Date(lookUps.clock.at.getTime() + 1);
    await expect(forgotten.ask(1, hosts)).rejects.toThrow(/is over/);
    await used.ask(2, hosts);
    const opened = await open(lookUps);
    const ids = (await exchanges()).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([used.exchange, opened.exchange]));
    expect(ids).not.toEqual(expect.arrayContaining([forgotten.exchange]));
    expect(ids).not.toEqual(expect.arrayContaining([closed.exchange]));
  });

  test('without a key that can be used is not opened', async () => {
    const lookUps = await startLookUps(ledger);
    const { parts } = lookUps.own;
    await expect(answer(parts, { kind: 'open-exchange', pipeline: null, publicKey: 'none' })).rejects.toThrow(
      /no public key/,
    );
  });
});

test('a question of a later release is refused, with what to do', async () => {
  const lookUps = await startLookUps(ledger);
  const question = Object(JSON.parse('{"kind":"later","pipeline":null}'));
  await expect(answer(lookUps.own.parts, question)).rejects.toThrow(
    /does not know the question later: it is of an earlier release/,
  );
});
