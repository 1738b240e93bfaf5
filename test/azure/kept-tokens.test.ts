import type { AccessToken } from '@azure/identity';
import { beforeEach, describe, expect, test } from 'vitest';
import type { KeptCredential } from '../../azure/kept-credential.ts';
import { keptTokens } from '../../azure/kept-tokens.ts';

const HOUR_MS = 3_600_000;
const SCOPE = 'https://graph.microsoft.com/.default';
let clock: number;
let lifetimeMs: number;
/** Requests that have not been answered yet. */
let waiting: { readonly answer: () => void; readonly refuse: () => void }[];
let asked: number;
let forgotten: number;
let tokens: KeptCredential;

beforeEach(() => {
  clock = Date.parse('2026-11-24T12:00:00Z');
  lifetimeMs = HOUR_MS;
  waiting = [];
  asked = 0;
  forgotten = 0;
  const forget = (): void => {
    forgotten += 1;
  };
  tokens = keptTokens({ getToken: issue, forget }, () => clock);
});

function issue(): Promise<AccessToken> {
  asked += 1;
  const token = `token ${asked}`;
  return new Promise((resolve, reject) => {
    waiting.push({
      answer: () => resolve({ token, expiresOnTimestamp: clock + lifetimeMs }),
      refuse: () => reject(new Error('refused')),
    });
  });
}

/** Answers what waits. */
function answer(): void {
  for (const one of waiting.splice(0)) one.answer();
}

/** Refuses what waits, and lets those who wait for it know. */
async function refuse(): Promise<void> {
  for (const one of waiting.splice(0)) one.refuse();
  await new Promise(setImmediate);
}

async function got(wanted: Promise<AccessToken | null>): Promise<string | undefined> {
  return (await wanted)?.token;
}

/** A token that is there, without anybody waiting. */
async function first(): Promise<void> {
  const token = tokens.getToken(SCOPE);
  answer();
  await token;
}

describe('kept tokens', () => {
  test('those who come together share one request', async () => {
    const both = [tokens.getToken(SCOPE), tokens.getToken([SCOPE])];
    answer();
    expect(await Promise.all(both.map(got))).toEqual(['token 1', 'token 1']);
    expect(await got(tokens.getToken(SCOPE))).toBe('token 1');
    expect(asked).toBe(1);
  });

  test('another scope, another tenant and a challenge are requests of their own', async () => {
    const all = [
      tokens.getToken(SCOPE),
      tokens.getToken('https://api.loganalytics.io/.default'),
      tokens.getToken(SCOPE, { tenantId: 'other' }),
      tokens.getToken(SCOPE, { claims: '{}' }),
      tokens.getToken(SCOPE, { claims: '{}' }),
    ];
    answer();
    await Promise.all(all);
    expect(asked).toBe(5);
  });

  test('a token is renewed before its end by one request, while it serves on', async () => {
    await first();
    clock += HOUR_MS - 6 * 60_000;
    expect(await got(tokens.getToken(SCOPE))).toBe('token 1');
    expect(asked).toBe(1);
    clock += 2 * 60_000;
    expect(await Promise.all([got(tokens.getToken(SCOPE)), got(tokens.getToken(SCOPE))])).toEqual([
      'token 1',
      'token 1',
    ]);
    expect(asked).toBe(2);
    answer();
    await expect.poll(() => got(tokens.getToken(SCOPE))).toBe('token 2');
    expect(asked).toBe(2);
  });

  test('a renewal that fails is tried again later, and is nobody else’s failure while the token is good', async () => {
    await first();
    clock += HOUR_MS - 4 * 60_000;
    expect(await got(tokens.getToken(SCOPE))).toBe('token 1');
    await refuse();
    expect(await got(tokens.getToken(SCOPE))).toBe('token 1');
    expect(asked).toBe(2);
    clock += 60_000;
    expect(await got(tokens.getToken(SCOPE))).toBe('token 1');
    expect(asked).toBe(3);
    await refuse();
    clock += 4 * 60_000;
    const after = expect(tokens.getToken(SCOPE)).rejects.toThrow('refused');
    await refuse();
    await after;
  });

  test('a token that is about to end is not given out', async () => {
    await first();
    clock += HOUR_MS - 1_000;
    const next = tokens.getToken(SCOPE);
    answer();
    expect(await got(next)).toBe('token 2');
  });

  test('a token of a short life is used for most of it', async () => {
    lifetimeMs = 60_000;
    await first();
    clock += 40_000;
    expect(await got(tokens.getToken(SCOPE))).toBe('token 1');
    expect(asked).toBe(1);
  });

  test('a caller that gives up is let go, and the others are not', async () => {
    const stop = new AbortController();
    const given = tokens.getToken(SCOPE, { abortSignal: stop.signal });
    const patient = tokens.getToken(SCOPE);
    stop.abort();
    await expect(given).rejects.toMatchObject({ name: 'AbortError' });
    await expect(tokens.getToken(SCOPE, { abortSignal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    answer();
    expect(await got(patient)).toBe('token 1');
  });

  test('a token that an API refused is asked for anew once, past every cache, for all whom it refused', async () => {
    await first();
    expect([tokens.refused?.('token 1'), tokens.refused?.('token 1')]).toEqual([true, true]);
    expect(forgotten).toBe(1);
    const anew = [tokens.getToken(SCOPE), tokens.getToken(SCOPE)];
    answer();
    expect(await Promise.all(anew.map(got))).toEqual(['token 2', 'token 2']);
    // One whose request had left with the token of before.
    expect(tokens.refused?.('token 1')).toBe(true);
    expect(await got(tokens.getToken(SCOPE))).toBe('token 2');
    expect([asked, forgotten]).toEqual([2, 1]);
  });

  test('a token that is refused leaves those of other audiences alone', async () => {
    const other = 'https://api.loganalytics.io/.default';
    await first();
    const second = tokens.getToken(other);
    answer();
    await second;
    tokens.refused?.('token 1');
    expect(await got(tokens.getToken(other))).toBe('token 2');
  });

  test('a renewal from before a token was refused does not bring another of its kind', async () => {
    await first();
    clock += HOUR_MS - 4 * 60_000;
    await tokens.getToken(SCOPE);
    tokens.refused?.('token 1');
    const anew = tokens.getToken(SCOPE);
    answer();
    expect(await got(anew)).toBe('token 3');
    expect(await got(tokens.getToken(SCOPE))).toBe('token 3');
  });

  test('tokens that are refused one after the other are asked for anew a few times a minute only', async () => {
    await first();
    const anew: (boolean | undefined)[] = [];
    for (let refused = 1; refused <= 10; refused += 1) {
      anew.push(tokens.refused?.(`token ${asked}`));
      const next = tokens.getToken(SCOPE);
      answer();
      await next;
    }
    expect(anew).toEqual([...Array(6).fill(true), ...Array(4).fill(false)]);
    expect(asked).toBe(7);
    clock += 60_000;
    expect(tokens.refused?.('token 7')).toBe(true);
  });

  test('what a challenge brought is kept in the place of the token that was challenged', async () => {
    await first();
    const challenged = tokens.getToken(SCOPE, { claims: '{}' });
    answer();
    expect(await got(challenged)).toBe('token 2');
    expect(await got(tokens.getToken(SCOPE))).toBe('token 2');
  });
});
