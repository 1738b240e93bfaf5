import { missing } from '../indicators/coverage.ts';
import type { Window } from '../indicators/window.ts';
import type { WindowKind } from '../ledger/schema.ts';
import { touchingWindows, type WindowStanding } from '../ledger/windows.ts';
import type { Parts } from './parts.ts';

export interface Stretch extends Window {
  readonly state: WindowStanding | 'missing';
  /** Null for what is missing. */
  readonly kind: WindowKind | null;
  /** Windows that lie next to each other in this state. */
  readonly windows: number;
  /** Why the first of them failed. */
  readonly reason: string | null;
}

export interface Coverage extends Window {
  readonly pipeline: string;
  /** Laid end to end, oldest first. */
  readonly stretches: readonly Stretch[];
}

/** The pipeline's windows laid end to end over a span, alike neighbours as one, with what is missing between them. */
export async function answerCoverage(parts: Parts, pipeline: string, span: Window): Promise<Coverage> {
  const windows = await touchingWindows(parts.ledger, pipeline, span);
  const gaps = missing(windows, span.from, span.to);
  const pieces: Stretch[] = [
    ...windows.map(({ from, to, state, kind, reason }) => ({ from, to, state, kind, reason, windows: 1 })),
    ...gaps.map(({ from, to }) => ({ from, to, state: 'missing' as const, kind: null, reason: null, windows: 0 })),
  ].toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from));
  return { pipeline, ...span, stretches: pieces.reduce<Stretch[]>(joined, []) };
}

function joined(stretches: Stretch[], next: Stretch): Stretch[] {
  const last = stretches.at(-1);
  if (last === undefined || last.state !== next.state || last.kind !== next.kind || last.to !== next.from) {
    stretches.push(next);
  } else {
    stretches[stretches.length - 1] = { ...last, to: next.to, windows: last.windows + next.windows };
  }
  return stretches;
}
