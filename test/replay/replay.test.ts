import { readdir, readFile } from 'node:fs/promises';
import { DefaultLogger, type ReplayResult, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import * as workflows from '../../workflows/index.ts';
import * as versioned from '../../workflows/versioned.ts';
import { type RecordedHistory, readHistory, replayable } from './recorded-history.ts';

const FOLDER = 'test/replay/histories';
/** Of workers, and of those with a build id. */
const BUNDLES = ['workflow-bundle.js', 'versioned-workflow-bundle.js'] as const;
type Event = RecordedHistory['history']['events'][number];

describe('recorded histories', () => {
  let recorded: ReadonlyMap<string, RecordedHistory>;
  let texts: ReadonlyMap<string, string>;

  beforeAll(async () => {
    // What a deliberate break makes the worker say is expected.
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
    });
    const files = (await readdir(FOLDER)).sort();
    texts = new Map(
      await Promise.all(files.map(async (file) => [file, await readFile(`${FOLDER}/${file}`, 'utf8')] as const)),
    );
    recorded = new Map([...texts].map(([file, text]) => [file, readHistory(text)]));
  });

  const recordedAs = (file: string): RecordedHistory => {
    const found = recorded.get(file);
    if (found === undefined) throw new Error(`There is no ${file}; the script record-histories writes it.`);
    return found;
  };

  test.each(BUNDLES)('all replay with the workflows of today, in %s', async (bundle) => {
    const results = await replay([...recorded.values()], bundle);
    expect(results).toHaveLength(recorded.size);
    expect(
      results.flatMap(({ workflowId, error }) => (error === undefined ? [] : [`${workflowId}: ${error.message}`])),
    ).toEqual([]);
  });

  test('a worker with a build id has the same workflows', () => {
    expect(versioned).toEqual(workflows);
  });

  test('every workflow has one', () => {
    const types = [...recorded.values()].map(
      ({ history }) => history.events[0]?.['workflowExecutionStartedEventAttributes'],
    );
    const names = types.map((attributes) => JSON.stringify(attributes));
    for (const name of Object.keys(workflows)) {
      expect(
        names.some((text) => text.includes(`"workflowType":{"name":"${name}"}`)),
        name,
      ).toBe(true);
    }
  });

  test.each([
    ['a slice that was halved', 'too-large.window.1.json', 'TooLarge'],
    ['a run that was blocked', 'blocked.sync.1.json', 'EVENT_TYPE_TIMER_STARTED'],
    ['and resumed', 'blocked.sync.1.json', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED'],
    ['a run that was paused', 'steered.sync.1.json', 'EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED'],
    ['a window that was told so', 'steered.window.1.json', 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED'],
    ['a sync that goes on as a new one', 'many-windows.sync.1.json', 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW'],
    [
      'a window that goes on as a new one',
      'many-batches.window.1.json',
      'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
    ],
    [
      'a backfill that was cancelled',
      'backfill-cancelled.backfill.1.json',
      'EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED',
    ],
  ])('there is %s', (_, file, word) => {
    expect(texts.get(file)).toContain(word);
  });

  test('they do not tell on which machine they were recorded', () => {
    for (const [file, text] of texts) {
      expect(text, file).not.toMatch(/node_modules|file:\/\/|\d+@[a-z]|\/(home|root|Users|tmp|work)\//);
      const decoded = [...text.matchAll(/"data":"([^"]*)"/g)].map(([, data]) =>
        Buffer.from(data ?? '', 'base64').toString(),
      );
      expect(decoded.join('\n'), file).not.toMatch(/node_modules|file:\/\/|\d+@[a-z]|\/(home|root|Users|tmp|work)\//);
    }
  });

  test.each([
    [
      'another activity was called',
      'plain.window.1.json',
      (event: Event) => renamed(event, 'activityType', 'formBatches', 'extract'),
    ],
    [
      'another child was started',
      'plain.sync.1.json',
      (event: Event) => renamed(event, 'workflowType', 'window', 'batch'),
    ],
    [
      'another workflow is meant',
      'plain.sync.1.json',
      (event: Event) => renamed(event, 'workflowType', 'sync', 'window'),
    ],
    ['no such workflow is there', 'plain.ask.1.json', (event: Event) => renamed(event, 'workflowType', 'ask', 'asked')],
  ])('a replay fails when %s', async (_, file, change) => {
    const { workflowId, history } = recordedAs(file);
    const [result] = await replay([{ workflowId, history: { events: history.events.map(change) } }]);
    expect(result?.error).toBeInstanceOf(Error);
  });
});

async function replay(
  histories: readonly RecordedHistory[],
  bundle: (typeof BUNDLES)[number] = 'workflow-bundle.js',
): Promise<readonly ReplayResult[]> {
  const results: ReplayResult[] = [];
  const options = { workflowBundle: { codePath: `dist/worker/${bundle}` } };
  for await (const result of Worker.runReplayHistories(options, histories.map(replayable))) results.push(result);
  return results;
}

/** The event with the name of what it is about changed, wherever that stands in it. */
function renamed(event: Event, of: 'activityType' | 'workflowType', from: string, to: string): Event {
  const text = JSON.stringify(event).replaceAll(`"${of}":{"name":"${from}"}`, `"${of}":{"name":"${to}"}`);
  return JSON.parse(text);
}
