import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Deliverable } from '../../destinations/destination.ts';
import { asHeld, deliver, type MispBench, SIGNAL, startMispBench } from '../destinations/misp-bench.ts';
import { withdraw } from '../destinations/withdraw.ts';
import { describeJudged, runJudge } from './judges.ts';
import { KEYS, saidOf } from './written-objects.ts';

const said = z.array(z.array(z.string()));
const written = z.union([
  z.array(z.looseObject({})),
  z.object({ Event: z.looseObject({ Attribute: z.array(z.looseObject({})) }) }),
  z.object({ Event: z.looseObject({}) }),
]);

/** Every event and attribute that was written. */
function bodiesOf({ requests }: MispBench): { readonly kind: string; readonly body: object }[] {
  return requests
    .filter(({ url }) => /\/(?:attributes\/add|events\/(?:add|edit))/.test(url))
    .flatMap(({ url, body = '' }) => {
      const read = written.parse(JSON.parse(body));
      if (Array.isArray(read)) return read.map((attribute) => ({ kind: 'Attribute', body: attribute }));
      // An edit says of its event nothing but what is in it.
      const { Event } = read;
      const inside = z.object({ Attribute: z.array(z.looseObject({})) }).safeParse(Event).data?.Attribute ?? [];
      const attributes = inside.map((attribute) => ({ kind: 'Attribute', body: attribute }));
      const events = url.includes('/events/add') ? [{ kind: 'Event', body: Event }] : [];
      return events.concat(attributes);
    });
}

const ALL: readonly Deliverable[] = KEYS.map((key, number) => {
  const { indicator, verdict } = saidOf(key, number);
  return { id: number + 1, indicator, verdict };
});

describeJudged("MISP's own client", () => {
  it.each([
    { withdraw: 'toIds', distribution: 'organisation' },
    { withdraw: 'delete', distribution: 'sharing-group', sharingGroup: 3 },
  ] as const)('takes every event and attribute that is written: $withdraw', async (settings) => {
    const bench = await startMispBench({ events: 2, ...settings }, { sanitisesDeleted: true });
    const before = await deliver(bench, ALL);
    expect(before.accepted).toHaveLength(ALL.length);
    bench.later(1_000);
    const changed = ALL.map((item) => ({ ...item, verdict: { kind: 'none' } as const }));
    const after = await deliver(
      bench,
      changed.map((item) => asHeld(item, before)),
    );
    bench.later(1_000);
    await withdraw(
      bench.misp,
      ALL.map(({ id, indicator }) => ({ id, ...indicator.key })),
      SIGNAL,
    );
    bench.later(1_000);
    await deliver(
      bench,
      ALL.map((item) => asHeld(item, after, { withdrawn: 'yes' })),
    );
    const bodies = bodiesOf(bench);
    expect(bodies.length).toBeGreaterThanOrEqual(2 + 4 * ALL.length);
    const wrong = (await runJudge('pymisp_models.py', bodies, said)).map((errors, at) => ({ errors, of: bodies[at] }));
    expect(wrong.filter(({ errors }) => errors.length > 0)).toEqual([]);
  });

  it('is heard when it does not', async () => {
    const wrong = [
      { kind: 'Attribute', body: { type: 'md5', category: 'Network activity', value: 'x' } },
      { kind: 'Event', body: { distribution: 0 } },
    ];
    const errors = await runJudge('pymisp_models.py', wrong, said);
    expect(errors.map(({ length }) => length)).toEqual([1, 1]);
  });
});
