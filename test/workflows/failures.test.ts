import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { expect, test } from 'vitest';
import { failedWith } from '../../workflows/failures.ts';

function ofBatch(cause: Error): ChildWorkflowFailure {
  return new ChildWorkflowFailure(
    'default',
    { workflowId: 'w/b/1', runId: 'r' },
    'batch',
    RetryState.NON_RETRYABLE_FAILURE,
    cause,
  );
}

/** As the SDK makes it of what the server tells, which has no words. */
function ofStep(cause: Error): ActivityFailure {
  return new ActivityFailure('', 'score', '1', RetryState.TIMEOUT, 'a worker', cause);
}

test.each([
  ['The batch w/b/1 was terminated.', ofBatch(new TerminatedFailure(''))],
  [
    'The batch w/b/1 did not end in the time that it may take.',
    ofBatch(new TimeoutFailure('', undefined, 'START_TO_CLOSE')),
  ],
  [
    'The step score did not end in the time that it may take.',
    ofBatch(ofStep(new TimeoutFailure('', undefined, 'HEARTBEAT'))),
  ],
  [
    'The batch w/b/1 failed without saying why (ApplicationFailure).',
    ofBatch(ApplicationFailure.create({ type: 'x', message: '' })),
  ],
  ['It failed without saying why (Error).', new Error('')],
])('what ended without words of its own has a reason all the same: %s', (message, error) => {
  expect(failedWith(error)).toEqual({ type: 'Ended', message });
});

test('what a step said is passed on as it is', () => {
  const said = ApplicationFailure.create({ type: 'Refused', message: 'A wrong key.' });
  expect(failedWith(ofBatch(ofStep(said)))).toEqual({ type: 'Refused', message: 'A wrong key.' });
});
