import { afterAll, beforeAll, expect, test } from 'vitest';
import { meetArtifact } from '../../enrichment/meet-artifact.ts';
import { keptComments, planComment, sendComment } from '../../ledger/artifact-comments.ts';
import { writeJudgements } from '../../ledger/artifact-judging.ts';
import { forgetArtifacts, putArtifacts } from '../../ledger/artifacts.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from './test-ledger.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const PLAN = { key: 'a.example', verdict: 'malicious 75-89', text: 'A comment.' };

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

/** Two observables of one value, both about to be commented on; returns their ids. */
async function twoAlike(pipeline: string): Promise<readonly [number, number]> {
  const shown = ['1', '2'].map((remoteId) => ({
    remoteId,
    type: 'domain' as const,
    value: PLAN.key,
    host: PLAN.key,
    without: null,
    reason: null,
    isOurs: false,
    marks: [],
    score: null,
  }));
  await putArtifacts(ledger, pipeline, { pass: 1, shown, meet: meetArtifact, done: {} });
  const rows = await ledger
    .selectFrom('artifacts')
    .select('id')
    .where('pipeline', '=', pipeline)
    .orderBy('id')
    .execute();
  const judged = rows.map(({ id }) => ({
    id,
    host: PLAN.key,
    isOurs: false,
    marks: [],
    verdict: PLAN.verdict,
    wanted: [],
    work: { comment: PLAN.text },
    scored: null,
    workKey: '',
  }));
  await writeJudgements(ledger, pipeline, judged, { aside: [], lookedUp: 0, now: NOW });
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw new Error('There are two.');
  return [first.id, second.id];
}

test('of two that are about to send a planned comment, one does', async () => {
  const [first] = await twoAlike('claimed');
  await planComment(ledger, 'claimed', { ...PLAN, writtenBy: first });
  const sent = [await sendComment(ledger, 'claimed', PLAN, NOW), await sendComment(ledger, 'claimed', PLAN, NOW)];
  expect(sent).toEqual([true, false]);
});

test('a comment is written on behalf of one of several alike', async () => {
  const [first, second] = await twoAlike('alike');
  await planComment(ledger, 'alike', { ...PLAN, writtenBy: first });
  await expect(planComment(ledger, 'alike', { ...PLAN, writtenBy: second })).resolves.toMatchObject({
    writtenBy: first,
  });
});

test('whoever is left takes over what was planned or sent on behalf of one that is gone', async () => {
  const [first, second] = await twoAlike('gone');
  await planComment(ledger, 'gone', { ...PLAN, writtenBy: first });
  await sendComment(ledger, 'gone', PLAN, NOW);
  await forgetArtifacts(ledger, 'gone', [first]);
  const taken = await planComment(ledger, 'gone', { ...PLAN, writtenBy: second });
  expect(taken).toMatchObject({ writtenBy: second, state: 'sent' });
  expect((await keptComments(ledger, 'gone', [PLAN.key])).get(PLAN.key)?.sentAt).toEqual(NOW);
});
