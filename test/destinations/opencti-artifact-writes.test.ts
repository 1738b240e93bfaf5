import { describe, expect, test } from 'vitest';
import type { HttpReply } from '../../http/http-client.ts';
import { faultFrom } from '../http/fault-from.ts';
import { type ArtifactsBench, ip, pagesOf, startArtifacts } from './opencti-artifacts-bench.ts';
import { SIGNAL } from './opencti-bench.ts';

const MALICIOUS = ['mdti:malicious', 'mdti-score:75-89'];
const SUSPICIOUS = ['mdti:suspicious', 'mdti-score:50-74'];

const answered = (body: object): HttpReply => ({ status: 200, headers: {}, text: JSON.stringify(body) });
const isMutation = ({ body }: { readonly body?: string | undefined }): boolean => (body ?? '').includes('mutation ');

async function started(faults: Parameters<typeof startArtifacts>[0] = {}): Promise<ArtifactsBench> {
  const bench = await startArtifacts(faults);
  bench.come(ip(1), ip(2), ip(3, { labels: ['hunt'] }));
  return bench;
}

const labelsOf = ({ all }: ArtifactsBench) => all().map(({ labels }) => labels.toSorted());

describe('marks at OpenCTI', () => {
  test('are called by the prefix, in lower case, and known again', async () => {
    const { names } = (await startArtifacts()).store({}, 'Our.MDTI');
    expect(names.of({ classification: 'malicious', score: 80 })).toEqual([
      'our.mdti:malicious',
      'our.mdti-score:75-89',
    ]);
    expect(
      ['our.mdti:whatever', 'our.mdti-score:0-49', 'mdti:malicious', 'our.mdti'].map((one) => names.has(one)),
    ).toEqual([true, true, false, false]);
  });

  test.each(['kept', 'lower'])('are labels, which are made where there are none (letters %s)', async (labelCase) => {
    const bench = await started({ labelCase });
    const store = bench.store();
    const refs = bench.refs('198.51.100.1', '198.51.100.3');
    expect(await store.mark(refs, { add: MALICIOUS, remove: [] }, SIGNAL)).toEqual([]);
    expect(labelsOf(bench)).toEqual([MALICIOUS.toSorted(), [], ['hunt', ...MALICIOUS].toSorted()]);
    expect((await store.look(refs, SIGNAL)).size).toBe(2);
    for (const { marks } of (await store.look(refs, SIGNAL)).values()) expect(marks).toEqual(MALICIOUS);
    expect(bench.tip.tip.counts()).toMatchObject({
      tags: { 'mdti:malicious': 2, 'mdti-score:75-89': 2 },
      tagWrites: 4,
      idleTagWrites: 0,
      foreignTouched: 0,
    });
  });

  test('are the ones that are there in other letters', async () => {
    const bench = await started();
    bench.come(ip(4, { labels: ['MDTI:Malicious'] }));
    const store = bench.store();
    await store.mark(bench.refs('198.51.100.1'), { add: ['mdti:malicious'], remove: [] }, SIGNAL);
    expect(bench.heldOf('198.51.100.1').labels).toEqual(['MDTI:Malicious']);
    await store.mark(bench.refs('198.51.100.4'), { add: [], remove: ['mdti:malicious'] }, SIGNAL);
    expect(bench.heldOf('198.51.100.4').labels).toEqual([]);
  });

  test('take the place of others, and go, beside what others have put there', async () => {
    const bench = await started();
    const store = bench.store();
    const refs = bench.refs('198.51.100.1', '198.51.100.2', '198.51.100.3');
    await store.mark(refs, { add: MALICIOUS, remove: [] }, SIGNAL);
    const before = bench.requests.length;
    expect(await store.mark(refs, { add: SUSPICIOUS, remove: MALICIOUS }, SIGNAL)).toEqual([]);
    expect(labelsOf(bench)[2]).toEqual(['hunt', ...SUSPICIOUS].toSorted());
    // The labels' ids, two that are made, and the change.
    expect(bench.requests.length - before).toBe(4);
    await store.mark(refs, { add: [], remove: SUSPICIOUS }, SIGNAL);
    expect(labelsOf(bench)).toEqual([[], [], ['hunt']]);
    expect(bench.tip.tip.counts()).toMatchObject({ tags: {}, foreignTouched: 0, idleTagWrites: 0 });
  });

  test('asked for twice change nothing more', async () => {
    const bench = await started();
    const store = bench.store();
    const refs = bench.refs('198.51.100.1');
    const change = { add: MALICIOUS, remove: ['mdti:neutral'] };
    await store.mark(refs, change, SIGNAL);
    const { score: _, ...shown } = bench.heldOf('198.51.100.1');
    bench.later(5);
    expect(await store.mark(refs, change, SIGNAL)).toEqual([]);
    expect(bench.heldOf('198.51.100.1')).toMatchObject(shown);
    expect(bench.tip.tip.counts()).toMatchObject({ tagWrites: 2, idleTagWrites: 2 });
    expect((await pagesOf(store)).at(-1)?.position).toBe('2026-11-24T08:00:00.000Z');
  });

  test('that are nowhere need no request to be taken off', async () => {
    const bench = await started();
    expect(await bench.store().mark(bench.refs('198.51.100.1'), { add: [], remove: ['mdti:neutral'] }, SIGNAL)).toEqual(
      [],
    );
    expect(bench.requests.filter(isMutation)).toEqual([]);
  });

  test('go to as many at once as it says', async () => {
    const bench = await startArtifacts();
    bench.comeMadeUp(20);
    const store = bench.store();
    const refs = bench.refs(...bench.all().map(({ value }) => value));
    expect(store.markLoad).toBe(refs.length);
    expect(await store.mark(refs, { add: MALICIOUS, remove: SUSPICIOUS }, SIGNAL)).toEqual([]);
    expect(bench.tip.tip.counts()).toMatchObject({ tags: { 'mdti:malicious': 20 }, tagWrites: 40 });
  });

  test('tell of each by itself that it is gone, or may not be changed', async () => {
    const bench = await started();
    bench.come(ip(2, { restricted: true }));
    const refs = bench.refs('198.51.100.1', '198.51.100.2', '198.51.100.3');
    bench.delete('198.51.100.1');
    const [gone, refused] = refs;
    expect(await bench.store().mark(refs, { add: MALICIOUS, remove: [] }, SIGNAL)).toEqual([
      { remoteId: gone?.remoteId, kind: 'gone', reason: 'OpenCTI shows it no more' },
      { remoteId: refused?.remoteId, kind: 'refused', reason: expect.stringContaining('FORBIDDEN_ACCESS') },
    ]);
    expect(bench.heldOf('198.51.100.3').labels).toEqual(['hunt', ...MALICIOUS]);
  });

  test.each(['gone', 'refused'])('tell of one alone that it is %s', async (kind) => {
    const bench = await started();
    const refs = bench.refs('198.51.100.2');
    if (kind === 'gone') bench.delete('198.51.100.2');
    else bench.come(ip(2, { restricted: true }));
    expect(await bench.store().mark(refs, { add: MALICIOUS, remove: [] }, SIGNAL)).toMatchObject([{ kind }]);
  });

  test('are rejected where OpenCTI declines so much at once, and taken one by one', async () => {
    const bench = await started({ mostRootFields: 1 });
    const refs = bench.refs('198.51.100.1', '198.51.100.2');
    const change = { add: MALICIOUS, remove: [] };
    expect(await faultFrom(bench.store().mark(refs, change, SIGNAL))).toMatchObject({ kind: 'Rejected' });
    for (const ref of refs) expect(await bench.store().mark([ref], change, SIGNAL)).toEqual([]);
    expect(bench.tip.tip.counts()).toMatchObject({ tagWrites: 4 });
  });

  test.each([
    ['noUpdate', 'KNOWLEDGE_KNUPDATE'],
    ['noLabels', 'SETTINGS_SETLABELS'],
  ])('are refused with the name of what the user lacks (%s)', async (fault, capability) => {
    const bench = await started({ [fault]: true });
    const refs = bench.refs('198.51.100.1');
    expect(await faultFrom(bench.store().mark(refs, { add: MALICIOUS, remove: [] }, SIGNAL))).toMatchObject({
      kind: 'Refused',
      message: expect.stringContaining(capability),
    });
  });

  test('need no right to make labels that are there', async () => {
    const bench = await started({ noLabels: true });
    bench.come(ip(4, { labels: MALICIOUS }));
    expect(await bench.store().mark(bench.refs('198.51.100.1'), { add: MALICIOUS, remove: [] }, SIGNAL)).toEqual([]);
  });

  test('are asked for again where an observable is locked', async () => {
    const bench = await started({ locks: 2 });
    const refs = bench.refs('198.51.100.1', '198.51.100.2');
    const change = { add: MALICIOUS, remove: [] };
    expect(await faultFrom(bench.store().mark(refs, change, SIGNAL))).toMatchObject({ kind: 'Unavailable' });
    bench.tip.setFaults({ locks: 0 });
    expect(await bench.store().mark(refs, change, SIGNAL)).toEqual([]);
    expect(labelsOf(bench).slice(0, 2)).toEqual([MALICIOUS.toSorted(), MALICIOUS.toSorted()]);
  });

  test.each<[string, HttpReply, string]>([
    ['nothing', answered({ data: {} }), 'Unavailable'],
    ['null without an error', answered({ data: { add0: { relationsAdd: null } } }), 'Unavailable'],
    ['429', { status: 429, headers: {}, text: '' }, 'Throttled'],
    ['an error without a place', answered({ errors: [{ name: 'FUNCTIONAL_ERROR' }], data: null }), 'Unavailable'],
  ])('are not taken for done when they are answered with %s', async (_, reply, kind) => {
    const bench = await started();
    bench.answers.before = ({ body }) => ((body ?? '').includes('mutation Mark') ? reply : null);
    const refs = bench.refs('198.51.100.1');
    expect(await faultFrom(bench.store().mark(refs, { add: MALICIOUS, remove: [] }, SIGNAL))).toMatchObject({ kind });
  });
});

describe('notes at OpenCTI', () => {
  const noted = async (bench: ArtifactsBench, text: string, leaving = async () => undefined) => {
    const [ref] = bench.refs('198.51.100.1');
    if (ref === undefined) throw new Error('There is none.');
    return bench.store().comments?.add(ref, text, SIGNAL, leaving);
  };

  test('are written, and read back, of whomever; the same one twice is one', async () => {
    const bench = await started();
    const { comments } = bench.store();
    const [one, other] = bench.refs('198.51.100.1', '198.51.100.2');
    if (one === undefined || other === undefined || comments === undefined) throw new Error('There is none.');
    expect(comments.key(one)).toBe(one.remoteId);
    expect(await comments.read(one, SIGNAL)).toEqual([]);
    const order: string[] = [];
    const leaving = async () => {
      order.push(`left after ${bench.requests.filter(isMutation).length}`);
    };
    expect(await comments.add(one, 'A text', SIGNAL, leaving)).toBeNull();
    expect(order).toEqual(['left after 0']);
    expect(await comments.add(one, 'A text', SIGNAL, leaving)).toBeNull();
    expect(await comments.add(one, 'Another', SIGNAL, leaving)).toBeNull();
    expect(await comments.add(other, 'A text', SIGNAL, leaving)).toBeNull();
    expect(await comments.read(one, SIGNAL)).toEqual(['A text', 'Another']);
    expect(await comments.read(other, SIGNAL)).toEqual(['A text']);
    expect(comments.graceMs).toBeGreaterThan(0);
  });

  test('tell when the observable is gone', async () => {
    const bench = await started();
    const [ref] = bench.refs('198.51.100.1');
    bench.delete('198.51.100.1');
    if (ref === undefined) throw new Error('There is none.');
    expect(await bench.store().comments?.add(ref, 'A text', SIGNAL, async () => undefined)).toMatchObject({
      remoteId: ref.remoteId,
      kind: 'gone',
    });
  });

  test('are refused with the name of what the user lacks', async () => {
    const bench = await started({ noUpdate: true });
    const fault = await faultFrom(noted(bench, 'A text'));
    expect(fault).toMatchObject({ kind: 'Refused', message: expect.stringContaining('KNOWLEDGE_KNUPDATE') });
  });

  test('are not taken for written without a word of it', async () => {
    const bench = await started();
    bench.answers.before = (request) => (isMutation(request) ? answered({ data: { note: null } }) : null);
    expect(await faultFrom(noted(bench, 'A text'))).toMatchObject({ kind: 'Unavailable' });
  });
});

describe('a score at OpenCTI', () => {
  const rescored = async (bench: ArtifactsBench, score: number) => {
    const [ref] = bench.refs('198.51.100.1');
    if (ref === undefined) throw new Error('There is none.');
    return bench.store().rescore?.(ref, score, SIGNAL);
  };

  test('is set', async () => {
    const bench = await started();
    expect(await rescored(bench, 83)).toBeNull();
    expect(bench.heldOf('198.51.100.1').score).toBe(83);
  });

  test('tells that one may not be changed, or what the user lacks', async () => {
    const bench = await started();
    bench.come(ip(1, { restricted: true }));
    expect(await rescored(bench, 83)).toMatchObject({ kind: 'refused' });
    bench.tip.setFaults({ noUpdate: true });
    expect(await faultFrom(rescored(bench, 83))).toMatchObject({ kind: 'Refused' });
  });

  test('is not taken for set without a word of it', async () => {
    const bench = await started();
    bench.answers.before = (request) => (isMutation(request) ? answered({ data: {} }) : null);
    expect(await faultFrom(rescored(bench, 83))).toMatchObject({ kind: 'Unavailable' });
  });
});
