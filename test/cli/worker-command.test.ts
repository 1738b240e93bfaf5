import { expect, test } from 'vitest';
import { workerCommand } from '../../client/cli/worker.ts';

test('one of several things to do and leave is asked for at a time', async () => {
  const command = workerCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  await expect(command.parseAsync(['--migrate-only', '--reindex'], { from: 'user' })).rejects.toMatchObject({
    code: 'commander.conflictingOption',
  });
});
