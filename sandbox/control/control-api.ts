import { z } from 'zod';
import type { Counts } from '../counts.ts';
import type { FaultsPatch, SandboxFaults } from '../faults.ts';
import { parseJson } from '../logs/kql/value.ts';
import { type ArrivingRow, arrivingRow } from '../rows/arrived-row.ts';
import type { ReviewRequest } from '../threatstream/review.ts';
import type { Holding } from '../threatstream/threatstream-api.ts';
import type { WireApi, WireReply, WireRequest } from '../wire.ts';

/** What can be asked of a running sandbox. */
export interface Controls {
  counts(): Counts;
  /** What ThreatStream holds, and held. */
  holdings(): readonly Holding[];
  faults(): SandboxFaults;
  /** What an analyst decides on ThreatStream's import sessions that are ready for review; returns on how many. */
  review(request: ReviewRequest): number;
  /** Sets the faults that the patch names; all others stay. */
  setFaults(patch: FaultsPatch): void;
  /** Rows that arrive now, or when their `IngestionTime` says. */
  arrive(rows: readonly ArrivingRow[]): void;
  /** New indicators that arrive now. */
  generate(request: GenerateRequest): void;
  /** Every row once more: the same content, a fresh TimeGenerated. */
  republish(): void;
  /** Keeps what it holds, when it was given a folder for that. */
  save(): Promise<void>;
}

/** About how many. */
const generateRequest = z.strictObject({ indicators: z.number().int().min(1) });
export type GenerateRequest = z.infer<typeof generateRequest>;

const reviewRequest = z.strictObject({
  /** Default: all that are ready. */
  session: z
    .union([z.string(), z.int()])
    .transform((id) => String(id))
    .optional(),
  decision: z.enum(['approve', 'reject', 'exclude']),
  values: z.array(z.string()).optional(),
});

const holdingsPage = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).default(Number.MAX_SAFE_INTEGER),
});

/**
 * The sandbox's own API, for tests, the benchmark and the demo: `GET /counts`, `GET /holdings[?offset=&limit=]`, `POST
 * /review`, `GET` and `PUT /faults`, `POST /rows`, `POST /generate`, `POST /republish`, `POST /save`. All JSON.
 */
export function createControlApi(controls: Controls): WireApi {
  return {
    async handle(request) {
      try {
        return await answer(request, controls);
      } catch (error) {
        if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) });
        throw error;
      }
    },
  };
}

async function answer({ method, path, query, body }: WireRequest, controls: Controls): Promise<WireReply> {
  switch (`${method} ${path}`) {
    case 'GET /counts':
      return json(200, controls.counts());
    case 'GET /holdings': {
      const { offset, limit } = holdingsPage.parse(Object.fromEntries(query));
      return json(200, controls.holdings().slice(offset, offset + limit));
    }
    case 'POST /review':
      return json(200, { sessions: controls.review(reviewRequest.parse(parseJson(body))) });
    case 'GET /faults':
      return json(200, controls.faults());
    case 'PUT /faults':
      controls.setFaults(faultsPatch.parse(parseJson(body)));
      return json(200, controls.faults());
    case 'POST /rows': {
      const rows = z.array(arrivingRow).parse(parseJson(body));
      controls.arrive(rows);
      return json(200, { rows: rows.length });
    }
    case 'POST /generate':
      controls.generate(generateRequest.parse(parseJson(body)));
      return json(200, {});
    case 'POST /republish':
      controls.republish();
      return json(200, {});
    case 'POST /save':
      await controls.save();
      return json(200, {});
    default:
      return json(404, { error: `The sandbox has no ${method} /control${path}.` });
  }
}

/** What stands in it is checked when it is set. */
const faultsPatch = z.custom<FaultsPatch>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object of faults by API',
);

function json(status: number, body: unknown): WireReply {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
