import { describe, expect, it } from 'vitest';
import { send } from '../../destinations/send.ts';
import type { ThreatStreamSettings } from '../../destinations/threatstream/threatstream-settings.ts';
import type { HttpReply } from '../../http/http-client.ts';
import { json, OURS, page, type Scripted, scripted } from './scripted-threatstream.ts';
import { domains } from './threatstream-indicators.ts';
import { deliverAll, SIGNAL, shipmentsOf, startBench } from './threatstream-sandbox.ts';
import { withdraw } from './withdraw.ts';

const VALUE = 'a.example.com';
const COPY = {
  id: 1,
  value: VALUE,
  tags: [{ id: 'f6g', name: 'mdti' }],
  owner_organization_id: 67,
  is_editable: true,
};
const FOREIGN_SESSION = { id: 7, status: 'done', fileName: 'mdti.csv', organization: { id: '999' } };
const OUR_SESSION = { ...FOREIGN_SESSION, fileName: 'mdti-sync-one-0.csv', organization: { id: '67' } };

interface World {
  readonly user?: HttpReply;
  readonly sessions?: readonly unknown[];
  readonly active?: readonly unknown[];
  readonly inactive?: readonly unknown[];
  readonly changed?: HttpReply;
}

function world(answers: World, settings: Partial<ThreatStreamSettings> = {}): Scripted {
  const {
    user = OURS,
    sessions = [],
    active = [],
    inactive = [],
    changed = json(200, { status: 'inactive' }),
  } = answers;
  return scripted(({ method }, url) => {
    if (method === 'PATCH') return changed;
    if (url.pathname.endsWith('/user/')) return user;
    if (url.pathname.endsWith('/importsession/')) return page(sessions);
    return page(url.searchParams.get('status') === 'active' ? active : inactive);
  }, settings);
}

async function outcomeOf(answers: World, settings: Partial<ThreatStreamSettings> = {}) {
  const { threatstream, requests } = world(answers, settings);
  const { withdrawn, missing, unknown } = await withdraw(threatstream, [{ id: 5, value: VALUE }], SIGNAL);
  const reasons = unknown.map(({ reason }) => reason);
  for (const reason of reasons) expect(reason).not.toContain(VALUE);
  return { withdrawn, missing, unknown: reasons, changes: requests.filter(({ method }) => method === 'PATCH').length };
}

const RETRACTED = { withdrawn: [5], missing: [], unknown: [], changes: 1 };
const MISSING = { withdrawn: [], missing: [5], unknown: [], changes: 0 };

describe('withdrawing', () => {
  it.each([
    ['another organisation’s', { ...COPY, owner_organization_id: 999 }],
    ['another organisation’s, that we may edit', { ...COPY, owner_organization_id: '999', is_editable: true }],
    ['one that came from elsewhere', { ...COPY, tags: [{ name: 'other' }] }],
    ['one without tags', { ...COPY, tags: null }],
  ])('leaves a copy alone that is %s', async (_, object) => {
    expect(await outcomeOf({ active: [object] })).toEqual(MISSING);
  });

  it.each([
    ['its own', COPY],
    ['its own, with ids as text', { ...COPY, id: '1', owner_organization_id: '67' }],
    ['its own, by the tag of a shipment alone', { ...COPY, tags: ['mdti-sync:one:0'] }],
    ['its own, that is said not to be editable', { ...COPY, is_editable: false }],
    ['an editable one whose owner is not said', { ...COPY, owner_organization_id: null }],
  ])('changes %s', async (_, object) => {
    expect(await outcomeOf({ active: [object] })).toEqual(RETRACTED);
    expect(await outcomeOf({ inactive: [object] })).toEqual(RETRACTED);
  });

  it('asks what waits for a review first: what is approved in between is seen', async () => {
    const { threatstream, requests } = world({});
    await withdraw(threatstream, [{ id: 5, value: VALUE }], SIGNAL);
    expect(requests.map(({ url }) => new URL(url).searchParams.get('status'))).toEqual(['inactive', 'active']);
  });

  it('asks for the organisation once, and only where copies could be ours', async () => {
    const { threatstream, requests } = world({ active: [COPY] });
    const accounts = (): number => requests.filter(({ url }) => url.includes('/user/')).length;
    for (const id of [1, 2]) await withdraw(threatstream, [{ id, value: VALUE }], SIGNAL);
    expect(accounts()).toBe(1);
    const nothing = world({});
    await withdraw(nothing.threatstream, [{ id: 5, value: VALUE }], SIGNAL);
    expect(nothing.requests).toHaveLength(2);
  });

  describe('learns its organisation', () => {
    it('from the account, whatever the sessions say', async () => {
      expect(await outcomeOf({ sessions: [FOREIGN_SESSION], active: [COPY] })).toEqual(RETRACTED);
    });

    it.each([
      ['is not for this key', json(401, {})],
      ['is forbidden', json(403, {})],
      ['is not there', json(404, {})],
      ['fails', json(500, {})],
      ['is a page of a proxy', { status: 200, headers: {}, text: '<html></html>' }],
      ['names none', page([{ organization: null }])],
      ['names several', page([{ organization: { id: '67' } }, { organization: { id: '999' } }])],
    ])('where that %s, from a session whose file is one of ours, and from no other', async (_, user) => {
      const sessions = [FOREIGN_SESSION, OUR_SESSION];
      expect(await outcomeOf({ user, sessions, active: [COPY] })).toEqual(RETRACTED);
      const theirs = { ...COPY, owner_organization_id: 999 };
      expect(await outcomeOf({ user, sessions, active: [theirs] })).toEqual(MISSING);
      // Learnt from nobody: our tag, and that it may be edited, decide.
      expect(await outcomeOf({ user, sessions: [FOREIGN_SESSION], active: [COPY] })).toEqual(RETRACTED);
    });

    it('from the settings before all else', async () => {
      const settings = { ownerOrganizationId: 67 };
      expect(await outcomeOf({ user: page([{ organization: { id: 999 } }]), active: [COPY] }, settings)).toEqual(
        RETRACTED,
      );
    });

    it('but a key that the search refuses blocks', async () => {
      const { threatstream } = scripted(() => json(401, {}));
      const outcome = withdraw(threatstream, [{ id: 5, value: VALUE }], SIGNAL);
      await expect(outcome).rejects.toMatchObject({ kind: 'Refused', message: expect.stringContaining('apiKey') });
    });
  });

  describe('never writes an active copy of ours down as withdrawn', () => {
    it.each([
      [
        'whose owner nobody tells',
        { user: json(404, {}), active: [{ ...COPY, is_editable: false }] },
        /ownerOrganizationId/,
      ],
      [
        'that is not said to be editable',
        { user: json(404, {}), active: [{ ...COPY, is_editable: null }] },
        /ownerOrganizationId/,
      ],
      ['that cannot be read', { active: [{ ...COPY, value: null }] }, /could not be read/],
      ['without an id', { inactive: [{ ...COPY, id: null }] }, /could not be read/],
      [
        'that may not be changed',
        { active: [{ ...COPY, is_editable: false }], changed: json(403, {}) },
        /answered 403/,
      ],
      ['that is not found when it is to be changed', { active: [COPY], changed: json(404, {}) }, /answered 404/],
      ['whose change is declined', { active: [COPY], changed: json(400, {}) }, /answered 400/],
      [
        'that stays active',
        { active: [COPY], changed: json(200, { ...COPY, status: 'active' }) },
        /left our copy active/,
      ],
      ['whose change ends in an error', { active: [COPY], changed: json(200, { error: 'no' }) }, /answered 200/],
    ] as const)('%s', async (_, answers, reason) => {
      expect(await outcomeOf(answers)).toMatchObject({
        withdrawn: [],
        missing: [],
        unknown: [expect.stringMatching(reason)],
      });
    });

    it('where one of two copies cannot be changed', async () => {
      const [one, two] = [COPY, { ...COPY, id: 2, is_editable: false }];
      const { threatstream } = scripted(({ method }, url) => {
        if (method === 'PATCH') return json(url.pathname.endsWith('/2/') ? 403 : 202, { status: 'inactive' });
        if (url.pathname.endsWith('/user/')) return OURS;
        return page(url.searchParams.get('status') === 'active' ? [one, two] : []);
      });
      const outcome = await withdraw(threatstream, [{ id: 5, value: VALUE }], SIGNAL);
      expect(outcome).toMatchObject({ withdrawn: [], missing: [], unknown: [{ id: 5 }] });
    });

    it('where a search does not come to its end', async () => {
      const { threatstream } = scripted([page([{ id: 1, value: 'x' }], '/api/v2/intelligence/?limit=1000&offset=1')]);
      await expect(withdraw(threatstream, [{ id: 5, value: VALUE }], SIGNAL)).rejects.toMatchObject({
        kind: 'Unavailable',
      });
    });

    it('where nobody has the permission', async () => {
      await expect(outcomeOf({ active: [COPY], changed: json(403, {}) })).rejects.toMatchObject({
        kind: 'Refused',
        message: expect.stringContaining('change intelligence'),
      });
    });
  });

  describe('is not done with a success that says nothing of the copy', () => {
    const MUTE = [
      ['a 200 without a body', { status: 200, headers: {}, text: '' }],
      ['a 204', { status: 204, headers: {}, text: '' }],
      ['a page of a proxy', { status: 200, headers: { 'content-type': 'text/html' }, text: '<html></html>' }],
      ['a body that was cut', { status: 200, headers: {}, text: '{"id":1,"sta' }],
      ['no object', json(200, 'ok')],
    ] as const;
    const AT_FIRST = { ...COPY, update_id: 5, modified_ts: '2026-11-24T08:00:00Z' };
    type Shown = { readonly active?: readonly unknown[]; readonly inactive?: readonly unknown[] };
    /** As the search shows it before and after the change was asked for. */
    const withdrawnFrom = async (changed: HttpReply, before: Shown, after: Shown, remoteId: string | null = null) => {
      let asked = false;
      const { threatstream } = scripted(({ method }, url) => {
        if (method === 'PATCH') {
          asked = true;
          return changed;
        }
        if (url.pathname.endsWith('/user/')) return OURS;
        const { active = [], inactive = [] } = asked ? after : before;
        if (url.searchParams.has('q')) {
          return page(
            [...active, ...inactive].map((copy) =>
              Object.assign({ status: active.includes(copy) ? 'active' : 'inactive' }, copy),
            ),
          );
        }
        return page(url.searchParams.get('status') === 'active' ? active : inactive);
      });
      return withdraw(threatstream, [{ id: 5, value: VALUE, remoteId }], SIGNAL);
    };

    it.each(MUTE)('%s, while it is shown as it was', async (_, changed) => {
      for (const before of [{ active: [AT_FIRST] }, { inactive: [AT_FIRST] }, { inactive: [COPY] }]) {
        const outcome = withdrawnFrom(changed, before, before);
        await expect(outcome).rejects.toMatchObject({ kind: 'Unavailable' });
      }
      const approved = withdrawnFrom(changed, { inactive: [AT_FIRST] }, { active: [{ ...AT_FIRST, update_id: 6 }] });
      await expect(approved).rejects.toMatchObject({ kind: 'Unavailable' });
    });

    it.each(MUTE)('%s, but with what a search shows then', async (_, changed) => {
      for (const now of [
        {},
        { inactive: [{ ...AT_FIRST, update_id: 6 }] },
        { inactive: [{ ...AT_FIRST, modified_ts: 'later' }] },
      ]) {
        for (const before of [{ active: [AT_FIRST] }, { inactive: [AT_FIRST] }]) {
          expect(await withdrawnFrom(changed, before, now)).toMatchObject({ withdrawn: [5] });
        }
      }
      expect(await withdrawnFrom(changed, { active: [COPY] }, { inactive: [COPY] })).toMatchObject({ unknown: [] });
    });

    it.each([null, '1'])(
      'a 202, which may come before the change, while it is shown as active (id: %s)',
      async (id) => {
        const accepted = { status: 202, headers: {}, text: '' };
        const before = { active: [COPY] };
        const beside = { active: [{ ...COPY, id: 2, tags: [] }, COPY] };
        for (const shown of [before, beside]) {
          await expect(withdrawnFrom(accepted, shown, shown, id)).rejects.toMatchObject({ kind: 'Unavailable' });
        }
        for (const now of [{}, { inactive: [COPY] }]) {
          expect(await withdrawnFrom(accepted, before, now, id)).toMatchObject({ withdrawn: [5], unknown: [] });
        }
      },
    );
  });

  it('does so in both forms that a URL may be held in', async () => {
    const [plain, escaped] = ['http://a.example.com/x,y', 'http://a.example.com/x%2Cy'];
    const { threatstream, requests } = scripted(({ method }, url) => {
      if (method === 'PATCH') return json(200, { status: 'inactive' });
      if (url.pathname.endsWith('/user/')) return OURS;
      const value = url.searchParams.get('value');
      const shown = { ...COPY, id: value === plain ? 1 : 2, value };
      return page(url.searchParams.get('status') === 'active' && [plain, escaped].includes(value ?? '') ? [shown] : []);
    });
    expect(await withdraw(threatstream, [{ id: 5, value: plain }], SIGNAL)).toMatchObject({ withdrawn: [5] });
    const changed = requests.filter(({ method }) => method === 'PATCH').map(({ url }) => new URL(url).pathname);
    expect(changed).toEqual(['/api/v2/intelligence/2/', '/api/v2/intelligence/1/']);
  });
});

describe('whose copy it is', () => {
  it.each(['answers', 'unauthorised', 'forbidden', 'missing', 'fails'] as const)(
    'is told though other organisations’ sessions come first, and the account %s',
    async (userEndpoint) => {
      const bench = await startBench('required', {}, { userEndpoint, foreignSessions: 30, foreignCopies: 1 });
      await deliverAll(bench.threatstream, domains(2));
      const values = domains(2).map(({ id, indicator }) => ({ id, value: indicator.key.value }));
      expect(await withdraw(bench.threatstream, values, SIGNAL)).toEqual({
        withdrawn: [1, 2],
        missing: [],
        unknown: [],
      });
      expect(bench.sandbox.tips.threatstream.counts()).toMatchObject({ holds: 0, foreignTouched: 0 });
    },
  );
});

describe('withdrawing what an import session may still bring', () => {
  it.each([0, 1])(
    'is done, or not yet, and never done with nothing there (its session ends after %s more questions)',
    async (polls) => {
      const bench = await startBench('automatic', {}, { polls });
      const [shipment] = shipmentsOf(bench.threatstream, domains(1));
      if (shipment === undefined) throw new Error('Nothing was planned.');
      const unsure = await send(bench.threatstream, shipment, SIGNAL);
      const items = shipment.items.map(({ id, value }) => ({ id, value, unsure }));
      const { missing } = await withdraw(bench.threatstream, items, SIGNAL);
      expect(missing).toEqual([]);
    },
  );
});
