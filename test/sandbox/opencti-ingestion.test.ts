import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, indicator, NOW, nodes, push, pushed, start, status } from './opencti-caller.ts';
import type { TipServer } from './tip-server.ts';

const open: TipServer[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function served(...given: Parameters<typeof start>): Promise<TipServer> {
  const one = await start(...given);
  open.push(one);
  return one;
}

const ID = 'indicator--ed995101-8e77-5431-836d-feb4296682d4';
const VALUE = '198.51.100.3';

describe('an indicator that is pushed', () => {
  /** What pycti's `Indicator.generate_id` gives. */
  it.each([
    [`[ipv4-addr:value = '${VALUE}']`, ID, VALUE],
    [`  [ ipv4-addr:value='${VALUE}' ] `, ID, VALUE],
    [
      `[url:value = 'https://example.com/a?b=c,d%2Fe"f']`,
      'indicator--4106c737-4133-5da2-b723-f163aed9c4f8',
      'https://example.com/a?b=c,d%2Fe"f',
    ],
    [
      String.raw`[url:value = 'https://example.com/it\'s/\\x']`,
      'indicator--df5b3e2f-9a9b-5cfa-9f21-3a4ec4bf490b',
      String.raw`https://example.com/it's/\x`,
    ],
    [`[file:hashes.'SHA-256' = 'aa']`, 'indicator--79c8ac5b-470b-5a3e-be9b-b732b7fbce4f', 'aa'],
    [`[domain-name:value = 'bücher.example']`, 'indicator--d171816c-fad3-5c34-a5d9-f37746d2879d', 'bücher.example'],
    [`[email-addr:value = 'a@example.com']`, 'indicator--6a138d57-d668-5b42-bdbf-c8639c98c3ff', 'a@example.com'],
  ])('is known by the id of its pattern %s', async (pattern, id, value) => {
    const tip = await served();
    await pushed(tip, indicator(VALUE, { pattern, id: 'indicator--9' }));
    expect(tip.tip.items()).toEqual([{ id, value, state: 'held' }]);
    expect(await nodes(tip, [id])).toHaveLength(1);
    expect(await nodes(tip, ['indicator--9'])).toMatchObject([
      { standard_id: id, x_opencti_stix_ids: ['indicator--9'] },
    ]);
  });

  it.each([
    [0, 1],
    [2, 3],
  ])('is there %i requests later', async (ingestAfterRequests, asked) => {
    const tip = await served({ ingestAfterRequests });
    await push(tip, indicator(VALUE));
    expect(tip.tip.items()).toEqual([]);
    for (let time = 1; time < asked; time += 1) expect(await nodes(tip)).toEqual([]);
    expect(await nodes(tip)).toHaveLength(1);
  });

  it('is there when the workers come to it', async () => {
    const clock: Clock = { now: NOW };
    const tip = await served({ ingestAfterRequests: 0, ingestAfterMs: 60_000 }, clock);
    await push(tip, indicator(VALUE));
    expect(await nodes(tip)).toEqual([]);
    clock.now = new Date(NOW.getTime() + 60_000);
    expect(await nodes(tip)).toHaveLength(1);
  });

  it('comes piece by piece', async () => {
    const tip = await served({ ingestAfterRequests: 0, objectsPerRequest: 1 });
    await push(tip, ...['192.0.2.1', '192.0.2.2'].map((value) => indicator(value, { id: `indicator--${value}` })));
    expect(await nodes(tip)).toHaveLength(1);
    expect(await nodes(tip)).toHaveLength(2);
  });

  it.each([
    [true, 60],
    [false, 90],
  ])('may be overtaken by a later push, whatever its `modified`: %s', async (overtaking, score) => {
    const clock: Clock = { now: NOW };
    const tip = await served({ ingestAfterRequests: 0, ingestAfterMs: 60_000, overtaking }, clock);
    await push(tip, indicator(VALUE, { score: 60, modified: '2026-11-20T00:00:00.000Z' }));
    await push(tip, indicator(VALUE, { score: 90, modified: '2026-11-21T00:00:00.000Z' }));
    clock.now = new Date(NOW.getTime() + 60_000);
    expect(await nodes(tip)).toMatchObject([{ x_opencti_score: score }]);
  });

  it('may be lost on the way, and its work is pending for good', async () => {
    const tip = await served({ ingestAfterRequests: 0, lostPushes: 2 });
    await pushed(tip, indicator('192.0.2.1'));
    const work = await push(tip, indicator('192.0.2.2'));
    expect(await status(tip, work)).toMatchObject({ status: 'pending' });
    expect(await nodes(tip)).toHaveLength(1);
  });

  it.each([
    ['an object without an id', { type: 'indicator' }, []],
    ['what the workers cannot read', indicator(`192.0.2.66"ü`), [`192.0.2.66"ü`]],
  ])('is lost with all that came with it, beside %s', async (_, bad, deadLetters) => {
    const tip = await served({ ingestAfterRequests: 0, deadLetters });
    await push(tip, indicator('192.0.2.1', { id: 'indicator--2' }), bad);
    expect(await nodes(tip)).toEqual([]);
    await pushed(tip, indicator('192.0.2.1'));
    expect(await nodes(tip)).toHaveLength(1);
  });

  it('counts once of two with one id in a push: the last', async () => {
    const tip = await served();
    await pushed(tip, indicator('192.0.2.1'), indicator('192.0.2.2'));
    expect(tip.tip.items()).toMatchObject([{ value: '192.0.2.2' }]);
  });

  it('lands in a draft, where no query finds it', async () => {
    const tip = await served({ draft: true });
    await pushed(tip, indicator(VALUE));
    expect(await nodes(tip, [ID])).toEqual([]);
    expect(tip.tip.items()).toMatchObject([{ state: 'waiting' }]);
    expect(tip.tip.counts()).toMatchObject({ holds: 1 });
  });

  it.each([
    ['an exclusion list', {}, { excluded: [VALUE] }],
    ['a pattern that is none', { pattern: 'ipv4-addr' }, {}],
    ['no type of pattern', { pattern_type: undefined }, {}],
    ['an observable type that there is not', { type: 'ipv4-addr' }, {}],
    ['a score of 101', { score: 101 }, {}],
    ['an end before the beginning', { valid_until: '2026-11-19T00:00:00.000Z' }, {}],
    ['a date that is none', { valid_from: 'yesterday' }, {}],
    ['a name of one letter', { name: 'a' }, {}],
  ])('is refused for %s, which only a number tells', async (_, changes, faults) => {
    const tip = await served({ ingestAfterRequests: 0, ...faults });
    const work = await push(tip, indicator(VALUE, changes));
    expect(await status(tip, work)).toMatchObject({ status: 'complete', failure_count: 1, success_count: 0 });
    expect(await nodes(tip)).toEqual([]);
    expect(tip.tip.items()).toEqual([]);
  });

  it('has defaults for what it was sent without', async () => {
    const tip = await served();
    const sent = { score: null, type: null, name: undefined, valid_until: undefined, confidence: 75 };
    await pushed(tip, indicator(VALUE, sent));
    expect(await nodes(tip)).toMatchObject([
      {
        x_opencti_score: 50,
        x_opencti_main_observable_type: 'Unknown',
        name: `[ipv4-addr:value = '${VALUE}']`,
        valid_until: '2027-11-20T00:00:00.000Z',
        confidence: 75,
        objectMarking: [],
        objectLabel: [],
        createdBy: null,
      },
    ]);
  });

  it('has its confidence for a score, where the ingester is set so', async () => {
    const tip = await served({ confidenceToScore: true });
    await pushed(tip, indicator(VALUE, { confidence: 66 }));
    expect(await nodes(tip)).toMatchObject([{ x_opencti_score: 66, confidence: 66 }]);
  });
});

describe('what an indicator refers to', () => {
  const AMBER = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421';
  const marking = {
    type: 'marking-definition',
    id: AMBER,
    name: 'TLP:AMBER',
    extensions: { 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d': { tlp_2_0: 'amber' } },
  };
  const author = { type: 'identity', id: 'identity--5', name: 'Microsoft Defender', identity_class: 'organization' };
  const referring = indicator(VALUE, { object_marking_refs: [AMBER], created_by_ref: 'identity--5' });

  it('is missing when it did not come along, and there when it did, in whichever order', async () => {
    const tip = await served();
    await pushed(tip, referring);
    expect(await nodes(tip)).toMatchObject([{ objectMarking: [], createdBy: null }]);
    await pushed(tip, referring, author, marking);
    const amber = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82';
    const shown = {
      objectMarking: [{ definition: 'TLP:AMBER', standard_id: amber }],
      createdBy: { name: 'Microsoft Defender' },
    };
    expect(await nodes(tip)).toMatchObject([shown]);
  });

  it.each([
    ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'TLP:CLEAR'],
    ['826578e1-40ad-459f-bc73-ede076f81f37', 'TLP:AMBER+STRICT'],
  ])('is known from the start: %s', async (uuid, definition) => {
    const tip = await served();
    await pushed(tip, indicator(VALUE, { object_marking_refs: [`marking-definition--${uuid}`] }));
    expect(await nodes(tip)).toMatchObject([{ objectMarking: [{ definition }] }]);
  });

  it.each([
    [{ definition_type: 'tlp', definition: { tlp: 'white' } }, 'TLP:CLEAR'],
    [{ definition_type: 'statement', definition: { statement: 'Ours' } }, 'Ours'],
    [{ name: 'PAP:RED' }, 'PAP:RED'],
  ])('may be a marking as %j', async (defined, definition) => {
    const tip = await served();
    const id = 'marking-definition--7';
    await pushed(tip, indicator(VALUE, { object_marking_refs: [id] }), { type: 'marking-definition', id, ...defined });
    expect(await nodes(tip)).toMatchObject([{ objectMarking: [{ definition }] }]);
  });

  it('hides it from those who may not see the marking', async () => {
    const tip = await served({ unseenMarkings: ['TLP:AMBER'] });
    await pushed(tip, referring, marking);
    expect(await nodes(tip, [ID])).toEqual([]);
    expect(tip.tip.items()).toMatchObject([{ state: 'held' }]);
  });

  it.each([
    ['add', ['old', 'new'], 'TLP:RED'],
    ['replace', ['new'], 'TLP:GREEN'],
  ])('is changed by: %s', async (labelsAndMarkings, labels, definition) => {
    const [red, green] = ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', '34098fce-860f-48ae-8e50-ebd3cc5e41da'];
    const tip = await served({ labelsAndMarkings });
    const marked = (uuid: string | undefined, label: string) =>
      indicator(VALUE, { object_marking_refs: [`marking-definition--${uuid}`], labels: [label] });
    await pushed(tip, marked(red, 'old'));
    await pushed(tip, marked(green, 'new'));
    expect(await nodes(tip)).toMatchObject([
      { objectMarking: [{ definition }], objectLabel: labels.map((value) => ({ value })) },
    ]);
  });
});

describe('an indicator that is pushed again', () => {
  it('counts as a duplicate in the same form, and as an update in another', async () => {
    const tip = await served();
    await pushed(tip, indicator(VALUE));
    await pushed(tip, indicator(VALUE, { created: NOW.toISOString(), modified: NOW.toISOString() }));
    expect(tip.tip.counts()).toMatchObject({ duplicates: 1, updates: 0, withdrawn: 0, holds: 1 });
    await pushed(tip, indicator(VALUE, { score: 95, name: 'renamed' }));
    expect(tip.tip.counts()).toMatchObject({ duplicates: 1, updates: 1, withdrawn: 0, holds: 1 });
    expect(await nodes(tip)).toMatchObject([{ x_opencti_score: 95, name: 'renamed' }]);
  });

  it('counts as a duplicate also while the first is under way', async () => {
    const tip = await served({ ingestAfterRequests: 2 });
    await push(tip, indicator(VALUE));
    await pushed(tip, indicator(VALUE));
    expect(tip.tip.counts()).toMatchObject({ duplicates: 1, updates: 0, holds: 1 });
  });

  it('is emptied of nothing, and gets the default score and type for what is left out', async () => {
    const tip = await served();
    await pushed(tip, indicator(VALUE, { description: 'first' }));
    await pushed(tip, indicator(VALUE, { score: null, type: null }));
    const expected = { description: 'first', x_opencti_score: 50, x_opencti_main_observable_type: 'Unknown' };
    expect(await nodes(tip)).toMatchObject([expected]);
  });

  it.each([
    ['its end is now', { valid_until: NOW.toISOString() }, true],
    ['it is revoked and has no end', { valid_until: undefined, revoked: true }, true],
    ['it is revoked and its end is to come, which is what counts', { revoked: true }, false],
  ])('is withdrawn when %s: %j is %s', async (_, changes, isGone) => {
    const tip = await served();
    await pushed(tip, indicator(VALUE));
    await pushed(tip, indicator(VALUE, changes));
    expect(await nodes(tip)).toMatchObject([{ revoked: isGone }]);
    expect(tip.tip.items()).toMatchObject([{ state: isGone ? 'gone' : 'held' }]);
    expect(tip.tip.counts()).toMatchObject({ withdrawn: isGone ? 1 : 0, holds: isGone ? 0 : 1 });
    await pushed(tip, indicator(VALUE));
    expect(await nodes(tip)).toMatchObject([{ revoked: false, valid_until: '2027-11-20T00:00:00.000Z' }]);
  });

  it('cannot be withdrawn once its value is on an exclusion list', async () => {
    const tip = await served();
    await pushed(tip, indicator(VALUE));
    tip.setFaults({ excluded: [VALUE] });
    await pushed(tip, indicator(VALUE, { valid_until: NOW.toISOString() }));
    expect(tip.tip.items()).toMatchObject([{ state: 'held' }]);
  });

  it('is over by itself when its end has come', async () => {
    const clock: Clock = { now: NOW };
    const tip = await served({}, clock);
    await pushed(tip, indicator(VALUE));
    clock.now = new Date('2027-11-20T00:00:00.000Z');
    expect(tip.tip.items()).toMatchObject([{ state: 'gone' }]);
    expect(tip.tip.counts()).toMatchObject({ holds: 0 });
  });

  it.each([
    [90, false],
    [50, true],
  ])(
    'by a user of less confidence than another source has (%i) gets a label and no more',
    async (rivalConfidence, goes) => {
      const tip = await served({ userConfidence: 50 });
      await pushed(tip, indicator(VALUE));
      tip.setFaults({ rivalConfidence });
      await pushed(tip, indicator(VALUE, { valid_until: NOW.toISOString(), labels: ['late'], description: 'filled' }));
      expect(await nodes(tip)).toMatchObject([
        { revoked: goes, objectLabel: [{ value: 'late' }], description: 'filled', confidence: 50 },
      ]);
    },
  );
});
