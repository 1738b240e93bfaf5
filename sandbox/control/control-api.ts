import { z } from 'zod';
import type { Counts } from '../counts.ts';
import type { FaultsPatch, SandboxFaults } from '../faults.ts';
import type { GraphApi } from '../graph/graph-api.ts';
import { parseJson } from '../logs/kql/value.ts';
import { type ArrivingRow, arrivingRow } from '../rows/arrived-row.ts';
import type { Tip } from '../stand-in.ts';
import type { Tips } from '../stand-ins.ts';
import type { WireApi, WireReply, WireRequest } from '../wire.ts';

/** What can be asked of a running sandbox. */
export interface Controls {
  counts(): Counts;
  readonly tips: Tips;
  /** What MDTI says now of hosts: no look-up, so it counts as none. */
  readonly reputations: GraphApi['reputations'];
  faults(): SandboxFaults;
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

const reputationRequest = z.strictObject({ hosts: z.array(z.string()) });

const itemsPage = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).default(Number.MAX_SAFE_INTEGER),
});

/**
 * The sandbox's own API, for tests, the benchmark and the demo: `GET /counts`, `GET /tips/<name>/items
 * [?offset=&limit=]`, `POST /tips/<name>/<control>`, `POST /graph/reputation`, `GET` and `PUT /faults`, `POST /rows`, `POST /generate`, `POST /republish`, `POST
 * /save`. All JSON.
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
    case 'GET /faults':
      return json(200, controls.faults());
    case 'PUT /faults':
      controls.setFaults(faultsPatch.parse(parseJson(body)));
      return json(200, controls.faults());
    case 'POST /graph/reputation':
      return json(200, controls.reputations(reputationRequest.parse(parseJson(body)).hosts));
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
      return ofTip({ method, path, query, body }, controls.tips) ?? notThere(method, path);
  }
}

function ofTip(
  { method, path, query, body }: Pick<WireRequest, 'method' | 'path' | 'query' | 'body'>,
  tips: Tips,
): WireReply | null {
  const [, name = '', control = ''] = /^\/tips\/([a-z-]+)\/([a-z-]+)$/.exec(path) ?? [];
  const tip = new Map<string, Tip>(Object.entries(tips)).get(name);
  if (method === 'GET' && control === 'items' && tip !== undefined) {
    const { offset, limit } = itemsPage.parse(Object.fromEntries(query));
    return json(200, tip.items().slice(offset, offset + limit));
  }
  const act = tip?.controls?.[control];
  return method !== 'POST' || act === undefined ? null : json(200, act(body === '' ? {} : parseJson(body)));
}

function notThere(method: string, path: string): WireReply {
  return json(404, { error: `The sandbox has no ${method} /control${path}.` });
}

/** What stands in it is checked when it is set. */
const faultsPatch = z.custom<FaultsPatch>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object of faults by API',
);

function json(status: number, body: unknown): WireReply {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
