import { defineSearchAttributeKey } from '@temporalio/common';

/** Few, since a namespace has few slots; unencrypted in Temporal, so they hold names, times and counts only. */
export const MdtiPipeline = defineSearchAttributeKey('MdtiPipeline', 'KEYWORD');
/** `running | paused | blocked | awaiting-approval | done`. */
export const MdtiState = defineSearchAttributeKey('MdtiState', 'KEYWORD');
export const MdtiWindowFrom = defineSearchAttributeKey('MdtiWindowFrom', 'DATETIME');
export const MdtiWindowTo = defineSearchAttributeKey('MdtiWindowTo', 'DATETIME');
export const MdtiDelivered = defineSearchAttributeKey('MdtiDelivered', 'INT');
export const MdtiRejected = defineSearchAttributeKey('MdtiRejected', 'INT');

/** A value of a query over them, in its quotes: whatever it holds, it is one value and nothing else. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

export const SEARCH_ATTRIBUTES = [
  MdtiPipeline,
  MdtiState,
  MdtiWindowFrom,
  MdtiWindowTo,
  MdtiDelivered,
  MdtiRejected,
] as const;
