import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../activities/create-activities.ts';
import { TYPES } from '../../client/search-attributes.ts';
import { NOTHING } from '../../indicators/counts.ts';
import { NO_ARTIFACTS, NOTHING_DONE } from '../../indicators/enrich-counts.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.ts';

/** The steps, as a test scripts them; the rest does nothing and succeeds. */
export type Script = Partial<Activities>;

export interface Workflows {
  /** Starts a workflow of the bundle that workers run, with the steps scripted. */
  readonly start: (type: string, input: unknown, script: Script, workflowId?: string) => Promise<WorkflowHandle>;
  readonly handle: (workflowId: string) => WorkflowHandle;
  /** Lets so much time pass, as fast as the workflows allow. */
  readonly pass: (length: string) => Promise<void>;
  /** Milliseconds since 1970 by the clock that skips. */
  readonly now: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** A server of its own for a test file, whose clock skips what nobody waits for: so its tests run one after the other. */
export async function openWorkflows(): Promise<Workflows> {
  Runtime.install({
    // That steps fail is what the tests are about.
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
  });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('testServer') } },
  });
  const { client, nativeConnection: connection } = environment;
  // It cannot say which it has, so that our own registering does not work there.
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, TYPES[type]])),
  });
  const scripts = new Map<string, Activities>();
  const taskQueue = 'scripted';
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: 'dist/worker/workflow-bundle.js' },
    activities: scripted(scripts),
  });
  const running = worker.run();
  return {
    async start(type, input, script, workflowId = `${type} ${randomUUID()}`) {
      scripts.set(workflowId, { ...QUIET, ...script });
      return client.workflow.start(type, { workflowId, taskQueue, args: [input] });
    },
    handle: (workflowId) => client.workflow.getHandle(workflowId),
    pass: (length) => environment.sleep(length),
    now: () => environment.currentTimeMs(),
    async close() {
      worker.shutdown();
      await running;
      await environment.teardown();
    },
  };
}

/** Each step does what the script of its run says: what runs below it has an id that begins with its own. */
function scripted(scripts: ReadonlyMap<string, Activities>) {
  const stepOf = (name: string) => {
    const { workflowId = '' } = activityInfo().workflowExecution ?? {};
    const [, script] = [...scripts].find(([id]) => workflowId === id || workflowId.startsWith(`${id}/`)) ?? [];
    const [, step] = Object.entries(script ?? {}).find(([key]) => key === name) ?? [];
    if (step === undefined) throw new Error(`There is no script for ${workflowId}.`);
    return step;
  };
  return Object.fromEntries(
    Object.keys(QUIET).map((name) => [name, (input: unknown) => Reflect.apply(stepOf(name), undefined, [input])]),
  );
}

const TALLY = { deliver: 1, hold: 0, confirmed: 1, rejected: 0, retracted: 0, pending: 0 };

/** Every window has one batch of one indicator, which is delivered. */
export const QUIET: Activities = {
  plan: async () => ({ windows: [], remaining: 0, others: 0, closed: null, warning: null }),
  readWindow: async () => ({ kind: 'open', slices: [] }),
  extract: async () => {
    throw new Error('No slices were planned.');
  },
  formBatches: async () => ({ batches: 1, open: [], toScore: [{ scoring: 1, items: 1 }], lanes: 1 }),
  score: async () => ({ hosts: 0, lookedUp: 0, deliver: 1, hold: 0 }),
  orderBatches: async () => ({ batches: 1, open: [{ batch: 1, items: 1 }], lanes: 1 }),
  deliver: async () => ({ ...TALLY, requests: 1 }),
  confirm: async () => TALLY,
  closeWindow: async () => ({ ...NOTHING, windows: 1, confirmed: 1 }),
  releaseWindows: async () => 0,
  readArtifacts: async () => ({ isEnd: true, isFullPass: true }),
  formArtifacts: async () => ({ open: [], lanes: 1, counted: { done: NOTHING_DONE, standing: NO_ARTIFACTS } }),
  judgeArtifacts: async () => ({ hosts: 0, lookedUp: 0, toWrite: 0 }),
  writeArtifacts: async () => undefined,
  confirmArtifacts: async () => ({ again: 0 }),
  countArtifacts: async () => ({ done: NOTHING_DONE, standing: NO_ARTIFACTS }),
  liftPauses: async () => 0,
  answer: async () => {
    throw new Error('Nothing was asked.');
  },
};
