import type { z } from 'zod';
import {
  type WireApiName,
  type WireFaultKind,
  type WireFaultMoment,
  type wireFault,
} from '../sandbox/wire-faults/wire-fault.ts';
import type { Draw } from './draw.ts';

export type WireFaultInput = z.input<typeof wireFault>;

const THROTTLES = ['429-seconds', '429-date', '429-zero', '429-none', '429-ms', '429-sentence'] as const;
const FAILURES = ['500', '502-html', '503', '504', 'reset', 'hang'] as const;
const STRANGE = ['html-200', 'huge-body', 'empty-200', '204', 'slow-body', 'truncated-body', 'bad-json'] as const;
const REFUSALS = ['401', '403'] as const;

/** These answers say that the request was not taken in; others leave it open. */
const NOT_TAKEN_IN: ReadonlySet<string> = new Set([...THROTTLES, ...REFUSALS]);
/** Refusals block a run until a person resumes it, and a page of megabytes is enough once. */
const FEW: ReadonlySet<string> = new Set([...REFUSALS, 'huge-body']);

const GROUPS: readonly (readonly [WireFaultKind, ...WireFaultKind[]])[] = [THROTTLES, FAILURES, STRANGE, REFUSALS];
/** Of ten faults, how many are of each group. */
const GROUP_OF_TEN = [0, 0, 0, 1, 1, 1, 1, 2, 2, 3] as const;

/** Some faults of the wire to one API. */
export function wireStorm(draw: Draw, api: WireApiName, faults: number): readonly WireFaultInput[] {
  return Array.from({ length: faults }, () => {
    const group = GROUPS[draw.pick(GROUP_OF_TEN)] ?? FAILURES;
    const kind = api === 'logs' && draw.chance(0.1) ? 'partial' : draw.pick(group);
    return {
      api,
      kind,
      moment: momentOf(draw, kind),
      ms: draw.between(300, 1_500),
      waitSeconds: 1,
      ...hits(draw, kind),
    };
  });
}

function momentOf(draw: Draw, kind: WireFaultKind): WireFaultMoment {
  return NOT_TAKEN_IN.has(kind) ? 'before' : draw.pick(['before', 'after', 'early']);
}

/** Single requests by their number, a share of them, or all for a short while; never so many that a run cannot get through. */
function hits(draw: Draw, kind: WireFaultKind): Partial<WireFaultInput> {
  const few = FEW.has(kind);
  switch (few ? 0 : draw.below(3)) {
    case 0:
      return { at: few ? [draw.between(1, 12)] : [draw.between(1, 6), draw.between(7, 20), draw.between(21, 50)] };
    case 1:
      return { share: 0.05 + draw.below(20) / 100, seed: draw.below(1_000_000), times: draw.between(3, 8) };
    default:
      return { forMs: draw.between(200, 2_500), times: 6 };
  }
}
