import type { z } from 'zod';
import { ofEachTip } from '../sandbox/stand-ins.ts';
import type { WireApiName, WireFaultKind, WireFaultMoment, wireFault } from '../sandbox/wire-faults/wire-fault.ts';
import type { Draw } from './draw.ts';

export type WireFaultInput = z.input<typeof wireFault>;

const THROTTLES = ['429-seconds', '429-date', '429-zero', '429-none', '429-ms', '429-sentence'] as const;
const FAILURES = ['500', '502-html', '503', '504', 'reset', 'hang'] as const;
/** More than is read of an answer, in one way or another. */
const OVERSIZED = ['huge-body', 'endless-body', 'packed-body', 'nested-body', 'huge-header'] as const;
const STRANGE = [...OVERSIZED, 'html-200', 'empty-200', '204', 'slow-body', 'truncated-body', 'bad-json'] as const;
const REFUSALS = ['401', '403'] as const;

/** These answers say that the request was not taken in; others leave it open. */
const NOT_TAKEN_IN: ReadonlySet<string> = new Set([...THROTTLES, ...REFUSALS]);
/** So long after its answer a request may still come in. */
export const LATEST_MS = 1_500;
/** Refusals block a run until a person resumes it, and megabytes are enough once. */
const FEW: ReadonlySet<string> = new Set([...REFUSALS, ...OVERSIZED]);

type Group = readonly [WireFaultKind, ...WireFaultKind[]];
const GROUPS: readonly [Group, ...Group[]] = [THROTTLES, FAILURES, STRANGE];
/** Of a hundred faults, how many refuse: each blocks a run until a person resumes it. */
const REFUSALS_OF_100 = 4;

interface Weather {
  /** Requests of a round, at least. */
  readonly requests: number;
  readonly faults: number;
  /** How often a fault hits: a step that fails again and again without getting anywhere is tried ever more rarely. */
  readonly times: number;
}

export const WEATHER: Readonly<Record<WireApiName, Weather>> = {
  entra: { requests: 2, faults: 1, times: 2 },
  logs: { requests: 6, faults: 3, times: 2 },
  graph: { requests: 10, faults: 4, times: 4 },
  ...ofEachTip(() => ({ requests: 25, faults: 6, times: 8 })),
};

/** Some faults of the wire to one API. */
export function wireStorm(draw: Draw, api: WireApiName): readonly WireFaultInput[] {
  return Array.from({ length: WEATHER[api].faults }, () => {
    const kind = kindOf(draw, api);
    const moment = NOT_TAKEN_IN.has(kind) ? 'before' : draw.pick<WireFaultMoment>(['before', 'after', 'early']);
    return { api, kind, moment, ms: draw.between(300, LATEST_MS), waitSeconds: 1, ...hits(draw, api, kind) };
  });
}

/** What an enriching pipeline writes, and how many such requests a round has, at least. */
const WRITES = [
  { method: 'POST', path: '/intelligence/comments/', requests: 12 },
  { method: 'POST', path: '/intelligence/bulk_tagging/', requests: 4 },
  { method: 'PATCH', path: '/intelligence/', requests: 6 },
] as const;

/** Requests that write to ThreatStream and are taken in, now or a little later, and are answered as if they were not. */
export function lostAcknowledgements(draw: Draw): readonly WireFaultInput[] {
  return WRITES.map(({ method, path, requests }) => ({
    api: 'threatstream',
    method,
    path,
    kind: draw.pick(FAILURES),
    moment: draw.pick<WireFaultMoment>(['after', 'after', 'early', 'early', 'before']),
    ms: draw.between(300, LATEST_MS),
    at: Array.from({ length: 4 }, () => draw.between(1, requests)),
  }));
}

function kindOf(draw: Draw, api: WireApiName): WireFaultKind {
  if (api === 'logs' && draw.chance(0.1)) return 'partial';
  if (draw.below(100) < REFUSALS_OF_100) return draw.pick(REFUSALS);
  return draw.pick(draw.pick(GROUPS));
}

/** Single requests by their number, a share of them, or all for a short while; never so many that a run cannot get through. */
function hits(draw: Draw, api: WireApiName, kind: WireFaultKind): Partial<WireFaultInput> {
  const { requests, times } = WEATHER[api];
  const number = (): number => draw.between(1, 2 * requests);
  if (FEW.has(kind)) return { at: [number()] };
  switch (draw.below(3)) {
    case 0:
      return { at: Array.from({ length: times }, number) };
    case 1:
      return { share: draw.between(15, 45) / 100, seed: draw.below(1_000_000), times };
    default:
      return { forMs: draw.between(200, 2_500), times };
  }
}
