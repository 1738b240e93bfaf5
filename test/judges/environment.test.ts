import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { judgesOrReason } from './judges.ts';

const run = promisify(execFile);

describe('where the judges are not', () => {
  it('there is a reason that says what to do', () => {
    expect(judgesOrReason('/nowhere')).toEqual({
      reason: 'the judges are not installed: run test/judges/make-environment.sh',
    });
  });

  it('and no Python that could have them, making them ends with a sentence and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mdti-sync-judges-'));
    const made = run('/bin/bash', [join(import.meta.dirname, 'make-environment.sh')], {
      env: { PATH: folder, HOME: folder, JUDGES_FOLDER: join(folder, 'judges') },
    });
    await expect(made).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/The judges are not installed: there is no python3\.\n$/),
    });
    await rm(folder, { recursive: true });
  });
});
