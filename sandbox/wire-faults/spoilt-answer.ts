import { z } from 'zod';
import type { WireReply } from '../wire.ts';
import type { SPOILT_ANSWERS } from './wire-fault.ts';

export type SpoiltAnswer = (typeof SPOILT_ANSWERS)[number];

/** What arrives of an answer that was given. */
export function spoiltAnswer(kind: SpoiltAnswer, reply: WireReply, ms: number): WireReply {
  if (reply === 'cut') return reply;
  switch (kind) {
    case 'slow-body':
      return { ...reply, sending: { overMs: ms } };
    case 'truncated-body':
      return reply.body === '' ? 'cut' : { ...reply, sending: { cutAfter: 0.5 } };
    case 'bad-json':
      return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
    case 'partial':
      return { ...reply, body: partOf(reply.body) };
  }
}

const answer = z.looseObject({ tables: z.array(z.looseObject({ rows: z.array(z.unknown()) })) });

/** The service's own words for a result that was too large. */
const PARTIAL = {
  code: 'PartialError',
  message: 'There were some errors when processing your query.',
  details: [
    {
      code: 'EngineError',
      message: 'Something went wrong processing your query on the server.',
      innererror: {
        code: '-2133196797',
        message:
          'The results of this query exceed the set limit of 64000000 bytes, so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003).',
        severity: 2,
        severityName: 'Error',
      },
    },
  ],
};

function partOf(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return body;
  }
  const { success, data } = answer.safeParse(parsed);
  if (!success) return body;
  const tables = data.tables.map((table) => ({
    ...table,
    rows: table.rows.slice(0, Math.floor(table.rows.length / 2)),
  }));
  return JSON.stringify({ ...data, tables, error: PARTIAL });
}
