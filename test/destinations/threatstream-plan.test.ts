import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deliverable, Rendered } from '../../destinations/destination.ts';
import { plan } from '../../destinations/threatstream/plan.ts';
import { render } from '../../destinations/threatstream/render.ts';
import { deliverable, oneOfEach } from './threatstream-indicators.ts';
import { settings } from './threatstream-settings.ts';

/** One that takes about so many bytes of a request. */
function sized(id: number, batchKey: string, size: number): Rendered {
  const value = 'v'.repeat(size);
  return { id, key: { type: 'domain', value }, hash: 'h', batchKey, value, form: {} };
}

describe('planning', () => {
  const items = uniqueArray(
    record({
      id: integer({ min: 1, max: 1_000 }),
      batchKey: constantFrom('a', 'b', 'c'),
      size: integer({ min: 1, max: 60_000 }),
    }),
    { selector: ({ id }) => id, maxLength: 100 },
  ).map((list): Rendered[] => list.map(({ id, batchKey, size }) => sized(id, batchKey, size)));

  it('loses nothing, mixes no groups, and stays within the limits', () => {
    assert(
      property(items, integer({ min: 1, max: 20 }), (rendered, maxObjects) => {
        const limits = { maxObjects, maxBytes: 132_768 };
        const requests = plan(rendered, limits);
        const ids = requests.flat().map(({ id }) => id);
        expect(ids.toSorted((a, b) => a - b)).toEqual(rendered.map(({ id }) => id).sort((a, b) => a - b));
        for (const request of requests) {
          expect(new Set(request.map(({ batchKey }) => batchKey)).size).toBe(1);
          expect(request.length).toBeLessThanOrEqual(maxObjects);
          const bytes = request.reduce((sum, { value, form }) => sum + JSON.stringify([value, form]).length, 0);
          expect(bytes <= 100_000 || request.length === 1).toBe(true);
        }
        expect(plan(rendered.toReversed(), limits)).toEqual(requests);
      }),
    );
  });

  it('fills requests: those of one group are never fewer than needed by count', () => {
    assert(
      property(array(constantFrom('a', 'b'), { maxLength: 60 }), integer({ min: 1, max: 9 }), (groups, maxObjects) => {
        const rendered = groups.map((group, id) => sized(id, group, 1));
        const needed = ['a', 'b'].map((name) =>
          Math.ceil(groups.filter((group) => group === name).length / maxObjects),
        );
        expect(plan(rendered, { maxObjects, maxBytes: 1_000_000 })).toHaveLength((needed[0] ?? 0) + (needed[1] ?? 0));
      }),
    );
  });

  const requestsOf = (given: readonly Deliverable[], own: ReturnType<typeof settings>): number[][] =>
    plan(
      given.map((item) => render(item, own)),
      own,
    ).map((request) => request.map(({ id }) => id));
  const UNLIKE = [
    deliverable(1, 'ipv4', '198.51.100.1', { threat: 'c2', tlp: 'green', tags: ['a'] }),
    deliverable(2, 'ipv6', '2001:db8::1', { tlp: null }),
    deliverable(3, 'url', 'http://evil.example.com/', { threat: 'phishing', tags: [] }),
    deliverable(4, 'md5', 'd41d8cd98f00b204e9800998ecf8427e', { validUntil: '2027-01-31T23:00:00.0000000Z' }),
    deliverable(5, 'email', 'evil@example.com', { confidence: 85 }),
  ];

  it('puts what is unlike in kind, threat, TLP and tags into one session, by its confidence and its month', () => {
    expect(requestsOf(UNLIKE, settings())).toEqual([[1, 2, 3, 4, 5]]);
    const more = [
      deliverable(6, 'ipv4', '198.51.100.2', { confidence: 90 }),
      deliverable(7, 'ipv4', '198.51.100.3', { validUntil: null }),
    ];
    expect(requestsOf([...UNLIKE, ...more], settings())).toHaveLength(3);
    const one = settings({ confidenceStep: 'none', expirationGranularity: 'none' });
    expect(requestsOf([...UNLIKE, ...more], one)).toHaveLength(1);
  });

  it('divides what a text has once for all; and puts everything into one direct write', () => {
    expect(requestsOf(oneOfEach(), settings({ import: 'text' }))).toHaveLength(2);
    expect(requestsOf(UNLIKE, settings({ import: 'text' })).length).toBeGreaterThan(3);
    expect(requestsOf(UNLIKE, settings({ approval: 'bypass' }))).toHaveLength(1);
  });

  it('keeps a percent sign out of a CSV, unless it is said to be harmless there', () => {
    const some = [...UNLIKE, deliverable(8, 'url', 'http://evil.example.com/%2F')];
    expect(requestsOf(some, settings())).toEqual([[1, 2, 3, 4, 5], [8]]);
    expect(requestsOf(some, settings({ percentAsText: false }))).toHaveLength(1);
  });

  it('changes what is held by its id apart from what is brought, 250 at a time', () => {
    const held = { remoteId: '7', form: null, maybes: [], awaits: false };
    const known = Array.from({ length: 300 }, (_, index) => ({
      ...deliverable(index + 10, 'domain', `h${index}.example.com`),
      held,
    }));
    expect(
      requestsOf([...UNLIKE, ...known], settings())
        .map(({ length }) => length)
        .toSorted((a, b) => a - b),
    ).toEqual([5, 50, 250]);
  });
});
