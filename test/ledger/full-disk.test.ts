import { expect, test } from 'vitest';
import { databaseFault } from '../../ledger/database-fault.ts';

test('a full disk is told as such, not as a ledger that cannot be reached', () => {
  const full = Object.assign(new Error('could not extend file "base/5/16384": No space left on device'), {
    code: '53100',
  });
  expect(databaseFault(full, { ledger: 'The embedded ledger', user: 'postgres' })).toMatchObject({
    kind: 'Unavailable',
    message: 'The embedded ledger has no room left on its disk. Make room there: the work goes on by itself.',
  });
});
