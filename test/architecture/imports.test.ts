import { beforeAll, describe, expect, test } from 'vitest';
import { cycleIn, violationOf } from './import-rules.ts';
import { type Import, importsOf, ROOMS, readSources } from './source-files.ts';

describe('the sources', () => {
  let imports: readonly Import[];

  beforeAll(async () => {
    imports = (await readSources(ROOMS)).flatMap(importsOf);
  });

  test('are really read', () => {
    expect(imports.filter(({ to }) => to.startsWith('indicators/')).length).toBeGreaterThan(20);
  });

  test('import only what their room may', () => {
    expect(imports.map(violationOf).filter((violation) => violation !== null)).toEqual([]);
  });

  test('import each other in no circle', () => {
    expect(cycleIn(imports)).toBeNull();
  });
});

describe('the rule', () => {
  const violations = (path: string, text: string) =>
    importsOf({ path, text })
      .map(violationOf)
      .filter((violation) => violation !== null);

  test.each([
    ['ledger/read.ts', "import { send } from '../http/send.ts';", 'ledger may not import http'],
    ['sentinel/reader.ts', "import {\n  a,\n  b,\n} from '../mdti/client.ts';", 'sentinel may not import mdti'],
    ['workflows/sync.ts', "import { createActivities } from '../activities/create.ts';", 'only types of activities'],
    ['workflows/sync.ts', "import { type A, b } from '../activities/create.ts';", 'only types of activities'],
    ['workflows/sync.ts', "import type { Ledger } from '../ledger/open.ts';", 'workflows may not import ledger'],
    ['workflows/sync.ts', "import { readFile } from 'node:fs/promises';", 'has no Node.js'],
    ['indicators/clock.ts', "import { setTimeout } from 'node:timers/promises';", 'the domain is pure'],
    ['indicators/a.ts', "export * from '../config/b.ts';", 'indicators may not import config'],
    ['sandbox/graph/serve.ts', "export type { A } from '../../indicators/a.ts';", 'sandbox may not import indicators'],
    [
      'client/status.ts',
      "const { run } = await import('../worker/run.ts');",
      'only client/cli/demo.ts and client/cli/worker.ts',
    ],
    ['client/status.ts', "import '../worker/run.ts';", 'may import worker'],
    ['client/status.ts', "import { sync } from '../workflows/sync.ts';", 'only types of it'],
    ['activities/plan.ts', "import { x } from '../sandbox/x.ts';", 'activities may not import sandbox'],
  ])('finds that %s breaks it with %s', (path, text, sentence) => {
    expect(violations(path, text)).toEqual([expect.stringContaining(sentence)]);
  });

  test.each([
    ['workflows/sync.ts', "import type { Activities } from '../activities/create.ts';"],
    ['workflows/sync.ts', "import { type A, type B } from '../activities/create.ts';"],
    ['client/cli/demo.ts', "import { run } from '../../worker/run.ts';"],
    ['client/status.ts', "import { scheduleId } from '../workflows/names.ts';"],
    ['http/client.ts', "import { Fault } from '../indicators/fault.ts';\nimport { Pool } from 'undici';"],
    ['ledger/read.ts', "/**\n * import { send } from '../http/send.ts';\n */\n// import('../http/send.ts')"],
  ])('leaves %s alone with %s', (path, text) => {
    expect(violations(path, text)).toEqual([]);
  });

  test('finds a circle, and none where there is none', () => {
    const edge = (from: string, to: string): Import => ({ from, to, typeOnly: false });
    expect(cycleIn([edge('a', 'b'), edge('b', 'c'), edge('c', 'b')])).toEqual(['b', 'c', 'b']);
    expect(cycleIn([edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')])).toBeNull();
  });
});
