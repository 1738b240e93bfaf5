import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Artifact, ArtifactPage, ArtifactRef, ArtifactStore } from '../../destinations/artifacts.ts';
import { openCtiSelect } from '../../destinations/opencti/artifact-select.ts';
import { createOpenCtiArtifacts } from '../../destinations/opencti/opencti-artifacts.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { OPENCTI_STAND_IN } from '../../sandbox/opencti/opencti-stand-in.ts';
import { type Patch, serveTip } from '../sandbox/tip-server.ts';
import { OPENCTI_DEFAULTS, SIGNAL } from './opencti-bench.ts';

/** An observable that comes to OpenCTI, or changes there. */
export interface Coming {
  readonly type: string;
  readonly value: string;
  readonly score?: number | null;
  readonly labels?: readonly string[];
  readonly markings?: readonly string[];
  readonly createdBy?: string | null;
  readonly restricted?: boolean;
}

const held = z.array(
  z.object({
    id: z.string(),
    type: z.string(),
    value: z.string(),
    score: z.number().nullable(),
    labels: z.array(z.string()),
    notes: z.array(z.string()),
  }),
);
type HeldArtifact = z.infer<typeof held>[number];

export type ArtifactsBench = Awaited<ReturnType<typeof startArtifacts>>;

/** The store at work against the stand-in over HTTPS, at a time that stands still. */
export async function startArtifacts(faults: Patch = {}) {
  const clock = { at: new Date('2026-11-24T08:00:00.000Z') };
  const tip = await serveTip(OPENCTI_STAND_IN, faults, { given: { now: () => clock.at } });
  const http = createHttpClient({ ca: tip.ca, timeoutMs: 10_000, connections: 4 });
  onTestFinished(async () => {
    await http.close();
    await tip.close();
  });
  const requests: HttpRequest[] = [];
  const answers: { before?: (request: HttpRequest) => HttpReply | null } = {};
  const store = (select: z.input<typeof openCtiSelect> = {}, tagPrefix = 'mdti'): ArtifactStore =>
    createOpenCtiArtifacts({ ...OPENCTI_DEFAULTS, baseUrl: tip.url }, openCtiSelect.parse(select), {
      http: {
        async send(request) {
          requests.push(request);
          return answers.before?.(request) ?? (await http.send(request));
        },
        close: () => http.close(),
      },
      pace: { before: async () => undefined, answered: () => undefined, throttled: async () => undefined },
      now: () => clock.at,
      tagPrefix,
    });
  const control = (name: string, body: unknown): unknown => tip.tip.controls?.[name]?.(body);
  const all = (): readonly HeldArtifact[] => held.parse(control('held-artifacts', {}));
  return {
    tip,
    clock,
    requests,
    answers,
    store,
    all,
    /** Observables come, or change, now. */
    come: (...artifacts: readonly Coming[]) => control('artifacts', { artifacts }),
    comeMadeUp: (count: number) => control('artifacts', { count, seed: 7 }),
    delete: (...gone: readonly string[]) => control('artifacts', { gone }),
    later(minutes: number) {
      clock.at = new Date(clock.at.getTime() + minutes * 60_000);
    },
    heldOf(value: string): HeldArtifact {
      const one = all().find((each) => each.value === value);
      if (one === undefined) throw new Error('It is not there.');
      return one;
    },
    refs(...values: readonly string[]): ArtifactRef[] {
      return values.map((value) => {
        const one = all().find((each) => each.value === value);
        return { remoteId: one?.id ?? value, value, isOurs: true };
      });
    },
  };
}

export async function pagesOf(store: ArtifactStore, after: string | null = null): Promise<readonly ArtifactPage[]> {
  const pages: ArtifactPage[] = [];
  for await (const page of store.pages(after, SIGNAL)) pages.push(page);
  return pages;
}

export async function readAll(store: ArtifactStore, after: string | null = null): Promise<readonly Artifact[]> {
  return (await pagesOf(store, after)).flatMap(({ artifacts }) => artifacts);
}

export async function valuesOf(store: ArtifactStore, after: string | null = null): Promise<readonly string[]> {
  return (await readAll(store, after)).map(({ value }) => value).toSorted();
}

export const ip = (last: number, more: Omit<Coming, 'type' | 'value'> = {}): Coming => ({
  type: 'IPv4-Addr',
  value: `198.51.100.${last}`,
  ...more,
});
