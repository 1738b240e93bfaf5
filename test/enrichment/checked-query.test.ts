import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerSelection } from '../../activities/answer-selection.ts';
import type { LedgerDb } from '../../ledger/open-ledger.ts';
import { openTestLedger } from '../ledger/test-ledger.ts';
import { startEnriching } from './enriching.ts';
import { scriptedStore } from './scripted-store.ts';

let ledger: LedgerDb;
let close: () => Promise<void>;
beforeAll(async () => ({ ledger, close } = await openTestLedger()));
afterAll(() => close());

test('a check of a query counts different hosts, and apart from them what has none', async () => {
  const texts = ['a.example', 'A.example.', 'https://a.example/path', 'who@b.example', "[domain-name:value = 'c']", ''];
  const { parts, name } = startEnriching(ledger, scriptedStore([]).store, { namedHosts: async () => texts });
  const selected = await new MockActivityEnvironment().run(() => answerSelection(parts, name));
  expect(selected).toMatchObject({ hosts: 2, without: { 'no-host': 2 } });
});
