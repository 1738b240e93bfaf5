import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Observation } from '../../indicators/indicator.ts';
import type { TipItem } from '../../sandbox/stand-in.ts';
import { observation } from '../ledger/observation.ts';
import { type ContractBench, type Judge, type Kind, openContractBench, type WireFault } from './contract-bench.ts';

/** What in a stand-in goes wrong in the way that a story is about: faults of that kind's own. */
export interface Troubles {
  /** Which of the ways of real ones it has, in all stories. Default: those of the stand-in without faults. */
  readonly ways?: object;
  /** These items are declined, and no other. */
  readonly poison: (values: readonly string[]) => object;
  /** What was acknowledged shows later. Absent: what is acknowledged is there. */
  readonly late?: object;
  /** A request of more than some items is too large. Absent: it has no limit that it does not tell before. */
  readonly tooLarge?: object;
  /** What a person there does so that what waits is held. Absent: nothing waits. */
  readonly approve?: (bench: ContractBench) => void;
  /** How it shows a value that it cannot have as it is. Default: as it is. */
  readonly shownAs?: (value: string) => string;
  /** A success without a word is what it acknowledges with: what was not taken in then is set aside. Default: it is no answer. */
  readonly acknowledgesWithNothing?: true;
  /** Where there is no stand-in. */
  readonly judge?: (folder: string) => Judge;
}

const PAUSES = ['429-seconds', '429-date', '429-zero', '429-none', '429-ms', '429-sentence'] as const;

const NO_ANSWERS = ['204', 'empty-200', 'html-200', '502-html'] as const;

/** As long as a URL may be. */
const LONG_URL = 'http://long.example.com/'.padEnd(8_192, 'a');
const ODD: readonly Observation[] = [
  of('http://odd.example.com/it\'s?a="b",c;d&e=%2F%25', { type: 'url' }),
  of('http://odd.example.com/ümläut/日本/😀', { type: 'url' }),
  of('=cmd.example.com'.slice(1), {}),
  of("o'hara+tag@example.com", { type: 'email' }),
  of(LONG_URL, { type: 'url' }),
];

/** One row, which says that a value is malicious. */
function of(
  value: string,
  {
    type = 'domain',
    edit = 1,
    ended = null,
    ...facts
  }: Partial<Observation['facts']> & {
    readonly type?: Observation['key']['type'];
    readonly edit?: number;
  } = {},
): Observation {
  const row = observation(value, { time: `2026-11-0${edit}T00:00:00.0000000Z`, facts: { ended, ...facts } });
  return { ...row, key: { type, value } };
}

/** The story that every kind of destination is told, by real steps over HTTPS, and judged by what its TIP has then. */
export function contract(kind: Kind, troubles: Troubles, isFirst: boolean): void {
  const ways = troubles.ways === undefined ? '' : ` with ${JSON.stringify(troubles.ways)}`;
  describe(`a destination of kind ${kind.type}${ways}`, () => {
    let bench: ContractBench;
    let names = 0;

    beforeAll(async () => {
      bench = await openContractBench(kind, troubles);
      if (troubles.judge === undefined) bench.setFaults({});
    });
    afterEach(() => {
      if (troubles.judge === undefined) bench.setFaults({});
    });
    afterAll(() => bench.close());

    const fresh = (count = 3): readonly string[] => {
      names += 1;
      return Array.from({ length: count }, (_, index) => `host${index}.story${names}.example.com`);
    };
    const currentOf = async (values: readonly string[]): Promise<readonly TipItem[]> => {
      const wanted = new Set(values);
      return (await bench.judge.items()).filter(({ value, state }) => wanted.has(value) && state === 'held');
    };
    /** They are there, once each, and nothing came twice. */
    const expectHeld = async (values: readonly string[]): Promise<void> => {
      troubles.approve?.(bench);
      expect((await currentOf(values)).map(({ value }) => value).toSorted()).toEqual(values.toSorted());
      expect(await bench.judge.counts()).toMatchObject({ duplicates: 0 });
    };
    const confirmed = (values: readonly string[]) => Object.fromEntries(values.map((value) => [value, 'confirmed']));

    test('brings each type of indicator, and the same again not', async () => {
      const rows = [
        of('198.51.100.1', { type: 'ipv4' }),
        of('2001:db8::1', { type: 'ipv6' }),
        of('evil.example.com'),
        of('http://evil.example.com/path', { type: 'url' }),
        of('0123456789abcdef0123456789abcdef', { type: 'md5' }),
        of('0123456789abcdef0123456789abcdef01234567', { type: 'sha1' }),
        of('0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', { type: 'sha256' }),
        of('evil@example.com', { type: 'email' }),
      ];
      const values = rows.map(({ key }) => key.value);
      expect((await bench.bring(...rows)).fault).toBeNull();
      expect(await bench.standing(...values)).toEqual(confirmed(values));
      await expectHeld(values);
      const before = await bench.judge.counts();
      await bench.bring(...rows.map(({ key }) => of(key.value, { type: key.type, edit: 9 })));
      expect(await bench.judge.counts()).toEqual(before);
      await expectHeld(values);
    });

    test('changes what has changed, and nothing else', async () => {
      const values = fresh();
      const [first = ''] = values;
      await bench.bring(...values.map((value) => of(value)));
      troubles.approve?.(bench);
      const before = await bench.judge.counts();
      await bench.bring(...values.map((value) => of(value, { edit: 2, confidence: value === first ? 35 : 80 })));
      expect(await bench.standing(...values)).toEqual(confirmed(values));
      await expectHeld(values);
      expect((await bench.judge.counts()).updates - before.updates).toBe(1);
    });

    test('withdraws what has ended, and brings it back', async () => {
      const values = fresh();
      const [first = '', ...others] = values;
      await bench.bring(...values.map((value) => of(value)));
      await expectHeld(values);
      await bench.bring(of(first, { edit: 2, ended: 'revoked' }));
      expect(await bench.standing(first)).toEqual({ [first]: 'retracted' });
      await expectHeld(others);
      expect(await currentOf([first])).toEqual([]);
      await bench.bring(of(first, { edit: 3 }));
      expect(await bench.standing(first)).toEqual({ [first]: 'confirmed' });
      await expectHeld(values);
    });

    test('has odd values as they are', async () => {
      expect((await bench.bring(...ODD)).fault).toBeNull();
      const values = ODD.map(({ key }) => key.value);
      const standing = await bench.standing(...values);
      // What a TIP cannot take is said, and never silently another.
      const taken = values.filter((value) => standing[value] === 'confirmed');
      expect(taken.length).toBeGreaterThan(2);
      await expectHeld(taken.map((value) => troubles.shownAs?.(value) ?? value));
      for (const value of values) expect(bench.said.join('\n')).not.toContain(value);
    });

    if (troubles.judge === undefined) {
      test('lists what is ours, as it is, and nothing of others', async () => {
        const values = fresh();
        const [first = ''] = values;
        await bench.bring(...values.map((value) => of(value)));
        troubles.approve?.(bench);
        await bench.bring(of(first, { edit: 2, ended: 'revoked' }));
        const listed = await bench.own();
        const theirs = (await bench.judge.items()).filter(({ state }) => state !== 'gone');
        const told = ({ value, state }: Pick<TipItem, 'value' | 'state'>): string => `${state} ${value}`;
        expect(
          listed
            .filter(({ state }) => state !== 'gone')
            .map(told)
            .toSorted(),
        ).toEqual(theirs.map(told).toSorted());
        expect(new Set(listed.map(({ remoteId }) => remoteId)).size).toBe(listed.length);
        expect(listed.filter(({ value, state }) => value === first && state !== 'gone')).toEqual([]);
      });

      wireStories();
    }

    function wireStories(): void {
      const LOST: readonly [string, Omit<WireFault, 'api'>][] = (['before', 'after'] as const).flatMap((moment) =>
        [1, 2, 3].map((at): [string, Omit<WireFault, 'api'>] => [
          `${moment} request ${at} was taken in`,
          { kind: 'reset', moment, at: [at], times: 1 },
        ]),
      );

      test.each(LOST)('loses and doubles nothing when the connection is cut %s', async (_, wire) => {
        const values = fresh();
        bench.setFaults({}, [wire]);
        expect((await bench.bring(...values.map((value) => of(value)))).fault).toBeNull();
        await expectHeld(values);
        bench.setFaults({}, [wire]);
        await bench.bring(...values.map((value) => of(value, { edit: 2, confidence: 35 })));
        expect(await bench.standing(...values)).toEqual(confirmed(values));
        bench.setFaults({}, [wire]);
        await bench.bring(...values.map((value) => of(value, { edit: 3, ended: 'revoked' })));
        expect(await currentOf(values)).toEqual([]);
        expect(await bench.judge.counts()).toMatchObject({ duplicates: 0 });
      });

      // How it is asked to wait does not hang on the other ways of its TIP.
      test.each(isFirst ? PAUSES : PAUSES.slice(0, 1))('waits as it is told by %s', async (pause) => {
        const values = fresh();
        bench.setFaults({}, [{ kind: pause, moment: 'before', share: 0.5, times: 3, waitSeconds: 0 }]);
        expect((await bench.bring(...values.map((value) => of(value)))).fault).toBeNull();
        await expectHeld(values);
      });

      test.each(NO_ANSWERS.filter((one) => one !== 'empty-200' || troubles.acknowledgesWithNothing !== true))(
        'takes %s for no answer',
        async (kindOfNone) => {
          const values = fresh();
          for (const at of [1, 2, 3]) {
            bench.setFaults({}, [{ kind: kindOfNone, moment: 'before', at: [at], times: 1 }]);
            const edit = { edit: at, confidence: 80 - 15 * at };
            expect((await bench.bring(...values.map((value) => of(value, edit)))).fault).toBeNull();
            expect(await bench.standing(...values)).toEqual(confirmed(values));
          }
          await expectHeld(values);
        },
      );

      test('is blocked while it may not, and goes on once it may', async () => {
        const values = fresh();
        bench.setFaults({}, [{ kind: '401', moment: 'before' }]);
        const { windowId, fault } = await bench.bring(...values.map((value) => of(value)));
        expect(fault?.kind).toBe('Refused');
        expect(await currentOf(values)).toEqual([]);
        bench.setFaults({});
        expect(await bench.finish(windowId)).toBeNull();
        expect(await bench.standing(...values)).toEqual(confirmed(values));
        await expectHeld(values);
      });

      test('has what it can when one item is declined', async () => {
        const values = fresh(5);
        const [poisoned = '', ...others] = values;
        bench.setFaults(troubles.poison([poisoned]));
        expect((await bench.bring(...values.map((value) => of(value)))).fault).toBeNull();
        const { [poisoned]: ofPoisoned, ...ofOthers } = await bench.standing(...values);
        expect(['rejected', 'set-aside']).toContain(ofPoisoned);
        expect(ofOthers).toEqual(confirmed(others));
        await expectHeld(others);
        expect(bench.said.join('\n')).not.toContain(poisoned);
      });

      test('has all of it in the end when all of it was declined', async () => {
        const values = fresh(5);
        bench.setFaults(troubles.poison(values));
        const { windowId } = await bench.bring(...values.map((value) => of(value)));
        expect(await currentOf(values)).toEqual([]);
        expect(Object.values(await bench.standing(...values))).not.toContain('confirmed');
        bench.setFaults({});
        expect(await bench.finish(windowId)).toBeNull();
        // What was rejected is brought again when it changes.
        await bench.bring(...values.map((value) => of(value, { edit: 2, confidence: 35 })));
        expect(await bench.standing(...values)).toEqual(confirmed(values));
        await expectHeld(values);
      });

      test.runIf(troubles.late !== undefined)('waits for what shows later', async () => {
        const values = fresh();
        bench.setFaults(troubles.late ?? {});
        expect((await bench.bring(...values.map((value) => of(value)))).fault).toBeNull();
        expect(await bench.standing(...values)).toEqual(confirmed(values));
        await expectHeld(values);
      });

      test.runIf(troubles.tooLarge !== undefined)('divides what is too large', async () => {
        const values = fresh(12);
        bench.setFaults(troubles.tooLarge ?? {});
        expect((await bench.bring(...values.map((value) => of(value)))).fault).toBeNull();
        expect(await bench.standing(...values)).toEqual(confirmed(values));
        await expectHeld(values);
      });
    }

    test('says none of its secrets', async () => {
      await bench.standing();
      for (const secret of bench.secrets) expect(bench.said.join('\n')).not.toContain(secret);
    });
  });
}
