import { LATEST_MS } from '../test/e2e/feed-story.ts';
import { POLICY } from '../test/e2e/reference-model.ts';
import type { StackOptions } from '../test/e2e/stack.ts';
import { type Appliance, drawAppliance } from './appliance.ts';
import type { Draw } from './draw.ts';

export const APPROVALS = ['required', 'automatic', 'bypass'] as const;
export type Approval = (typeof APPROVALS)[number];

/** What a story's product is set to. */
export interface Setup {
  /** Of the destination. */
  readonly kind: string;
  /** What it is that the pipeline enriches with; null for one that delivers. */
  readonly enriches: { readonly minimumScore: number } | null;
  readonly approval: Approval;
  readonly workers: number;
  /** A second pipeline reads other rows of the same workspace and delivers to the same account. */
  readonly twoPipelines: boolean;
  readonly appliance: Appliance;
  readonly stack: Pick<
    StackOptions,
    'kind' | 'source' | 'policy' | 'destination' | 'settings' | 'mdti' | 'logAnalytics'
  >;
  /** Of the configuration file, by path. */
  readonly edits: readonly (readonly [path: readonly string[], value: unknown])[];
}

/** How long a request may be on its way when its answer came before it: the product has to wait as long before it sends again. */
export const GRACE = '4s';

export const THREATSTREAM = 'threatstream';
/** A folder: there is no wire to it, and whoever reads it is its judge. */
export const FILE = 'file';

/** The product of a story, and what it delivers to where that is something else than the story says. */
export function ofKind(setup: Setup, kind: string | undefined): Setup {
  if (kind === undefined || kind === THREATSTREAM) return setup;
  const { destination: _, ...stack } = setup.stack;
  return { ...setup, kind, stack: { ...stack, kind } };
}

/** Small windows, slices and batches, so that few rows make many steps; and short waits. What is drawn is drawn by the seed. */
export function drawSetup(
  draw: Draw,
  given: Partial<Pick<Setup, 'approval' | 'workers' | 'twoPipelines'>> & { readonly source?: object } = {},
): Setup {
  const approval = given.approval ?? draw.pick(APPROVALS);
  return {
    kind: THREATSTREAM,
    enriches: null,
    approval,
    workers: given.workers ?? 1,
    twoPipelines: given.twoPipelines ?? false,
    appliance: drawAppliance(draw.fork('appliance')),
    stack: {
      source: {
        since: '10m',
        overlap: `${LATEST_MS + 500}ms`,
        window: '2h',
        sliceRows: draw.between(10, 40),
        ...given.source,
      },
      policy: {
        minimumScore: POLICY.minimumScore,
        exclude: {
          reservedAddresses: false,
          cidrs: [`${POLICY.excludedAddresses}0/24`],
          domains: [POLICY.excludedDomain],
        },
      },
      destination: {
        approval,
        import: draw.fork('import').pick(['csv', 'csv', 'text']),
        confidenceStep: POLICY.confidenceStep,
        expirationGranularity: POLICY.heldUpTo,
        lostAckGrace: GRACE,
        confirmFor: '30s',
        maxObjects: draw.between(4, 40),
      },
      mdti: { lookUps: draw.pick(['batch', 'batch', 'single']), concurrency: draw.between(1, 4) },
      settings: { batchSize: draw.between(6, 30), lanes: draw.between(1, 6) },
    },
    edits: [[['network', 'timeout'], '10s']],
  };
}
