import { describe, expect, it } from 'vitest';
import { send } from '../../destinations/send.ts';
import { asHeld, changed, domain, held, TIMES } from './held-observables.ts';
import { json, page, scripted, showing } from './scripted-threatstream.ts';
import { only, SIGNAL, shipmentsOf, startBench } from './threatstream-sandbox.ts';

describe('a change', () => {
  it.each([
    { changeReply: 'object', tagsBumpUpdates: true },
    { changeReply: 'accepted', tagsBumpUpdates: true },
    { changeReply: 'mute', tagsBumpUpdates: true },
    { changeReply: 'mute', tagsBumpUpdates: false },
  ] as const)('is confirmed by what is shown then, however it is answered: %j', async (faults) => {
    const bench = await startBench('required', { confirmFor: 0 }, faults);
    const known = await held(bench, [domain(1), domain(2)]);
    const items = [domain(1, { tags: ['b'] }), domain(2, { confidence: 20 })];
    const outcome = await changed(
      bench,
      items.map((item) => asHeld(item, known)),
    );
    expect(outcome.accepted.toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  it('of few is read back by their values, and nothing that has changed besides', async () => {
    const bench = await startBench('bypass', TIMES, { polls: 0 });
    const known = await held(
      bench,
      [1, 2, 3].map((id) => domain(id)),
    );
    const outcome = await changed(bench, [asHeld(domain(1, { tags: ['b'] }), known)]);
    expect(outcome).toMatchObject({ accepted: [1] });
    const reads = bench.requests.slice(-outcome.requests.length).filter(({ method }) => method === 'GET');
    expect(reads.map(({ url }) => new URL(url).searchParams.has('tags.name'))).toEqual([false]);
  });

  const VALUE = 'host1.example.com';
  const asWanted = { id: 2, value: VALUE, status: 'active', tags: undefined };

  /** A change of what has the id 2, asked for and asked about once. */
  async function askedAbout(answer: Parameters<typeof scripted>[0]) {
    const { threatstream, requests } = scripted(answer, { approval: 'bypass' });
    const form = threatstream.render(domain(1, { tags: ['a'] })).form;
    const item = { ...domain(1, { tags: ['b'] }), held: { remoteId: '2', form, maybes: [], awaits: false } };
    const shipment = only(shipmentsOf(threatstream, [item]));
    const receipt = await send(threatstream, shipment, SIGNAL);
    return { outcome: await threatstream.confirm(shipment, receipt, SIGNAL), requests };
  }

  it('is read back of the copy that was changed, where our organisation has another one', async () => {
    const other = { ...asWanted, id: 1, itype: 'apt_domain' };
    const { outcome } = await askedAbout(showing({ copies: [other, asWanted] }));
    expect(outcome).toMatchObject({ accepted: [1], given: [{ id: 1, remoteId: '2' }] });
  });

  it('is read back of the copy that is active, where the one that was changed is not', async () => {
    const other = { ...asWanted, id: 1 };
    const { outcome } = await askedAbout(showing({ copies: [{ ...asWanted, status: 'inactive' }, other] }));
    expect(outcome).toMatchObject({ accepted: [1], given: [{ id: 1, remoteId: '1' }] });
  });

  it('is found among what has changed, where a search for its value is declined', async () => {
    const shows = showing({ copies: [asWanted] });
    const { outcome } = await askedAbout((request, url) => {
      const isNobodys = url.searchParams.get('value') === '192.0.2.1';
      if (isNobodys) return page([]);
      return url.searchParams.has('q') || url.searchParams.has('value') ? json(400, {}) : shows(request, url);
    });
    expect(outcome).toMatchObject({ accepted: [1], given: [{ id: 1, remoteId: '2' }] });
  });

  it('is read back for hundreds at once', async () => {
    const bench = await startBench('automatic', TIMES);
    const items = Array.from({ length: 250 }, (_, id) => domain(id));
    const known = await held(bench, items);
    const outcome = await changed(
      bench,
      items.map(({ id }) => asHeld(domain(id, { tags: ['b'] }), known)),
    );
    expect(outcome.accepted).toHaveLength(250);
    expect(outcome.requests.length).toBeLessThanOrEqual(4);
  });

  it('is read back of the copy that was changed, where neither is active', async () => {
    const inactive = { ...asWanted, status: 'inactive' };
    const { outcome } = await askedAbout(showing({ copies: [{ ...inactive, id: 1 }, inactive] }));
    expect(outcome).toMatchObject({ accepted: [1], given: [{ id: 1, remoteId: '2' }] });
  });

  it('is not read back of what is another organisation’s', async () => {
    const theirs = { ...asWanted, owner_organization_id: 99 };
    const { outcome } = await askedAbout(showing({ copies: [theirs] }));
    expect(outcome).toMatchObject({ kind: 'waiting' });
  });

  it('is read back by its id, where nobody says whose it is', async () => {
    const copy = { ...asWanted, owner_organization_id: null };
    const { outcome } = await askedAbout(showing({ copies: [copy], user: json(404, {}) }));
    expect(outcome).toMatchObject({ accepted: [1], given: [{ id: 1, remoteId: '2' }] });
  });
});
