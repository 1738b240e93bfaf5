import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import type { Artifact, ArtifactPage, ArtifactRef, ArtifactStore } from '../../destinations/artifacts.ts';
import { createMispArtifacts } from '../../destinations/misp/misp-artifacts.ts';
import { selectSection } from '../../destinations/misp/select-section.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { createHttpClient } from '../../http/undici-client.ts';
import { MISP_STAND_IN } from '../../sandbox/misp/misp-stand-in.ts';
import { serveTip, type TipServer } from '../sandbox/tip-server.ts';

const NOW = new Date('2026-11-24T08:00:00Z');
/** In seconds. */
export const AT = NOW.getTime() / 1_000;
const SIGNAL = new AbortController().signal;

type MispTip = ReturnType<typeof MISP_STAND_IN.open>;
type Given = Parameters<MispTip['controls']['artifacts']>[0];

export interface ArtifactsBench {
  readonly server: TipServer<MispTip>;
  readonly requests: readonly HttpRequest[];
  /** What is done before a request is sent, and answered in MISP's stead; or what comes of its answer. */
  readonly answers: {
    to?: (request: HttpRequest) => HttpReply | null;
    after?: (request: HttpRequest, reply: HttpReply) => HttpReply;
  };
  later(seconds: number): void;
  store(select?: z.input<typeof selectSection>, more?: { maxObjects?: number; tagPrefix?: string }): ArtifactStore;
  /** What others have brought; their uuids. */
  put(artifacts: readonly object[]): readonly string[];
}

/** The store at work against a MISP over HTTPS. */
export async function startArtifactsBench(
  faults: Record<string, unknown> = {},
  restore?: unknown,
): Promise<ArtifactsBench> {
  let at = NOW;
  const now = (): Date => at;
  const server = await serveTip(MISP_STAND_IN, faults, { given: { now, restore } });
  const http = createHttpClient({ ca: server.ca, timeoutMs: 10_000, connections: 8 });
  onTestFinished(async () => {
    await http.close();
    await server.close();
  });
  const requests: HttpRequest[] = [];
  const answers: ArtifactsBench['answers'] = {};
  return {
    server,
    requests,
    answers,
    later(seconds) {
      at = new Date(at.getTime() + seconds * 1_000);
    },
    store: (select = {}, { maxObjects = 500, tagPrefix = 'mdti' } = {}) =>
      createMispArtifacts(
        {
          baseUrl: server.url,
          apiKey: MISP_STAND_IN.credentials['apiKey'] ?? '',
          maxObjects,
          confirmFor: 60_000,
          confirmPoll: 100,
        },
        selectSection.parse(select),
        {
          tagPrefix,
          now,
          pace: { async before() {}, answered() {}, async throttled() {} },
          http: {
            async send(request) {
              requests.push(request);
              const reply = answers.to?.(request) ?? (await http.send(request));
              return answers.after?.(request, reply) ?? reply;
            },
            close: () => http.close(),
          },
        },
      ),
    put: (artifacts) => server.tip.controls.artifacts({ artifacts } satisfies Given).uuids,
  };
}

export interface Reading {
  readonly pages: readonly ArtifactPage[];
  readonly artifacts: readonly Artifact[];
  /** Each once, in the order of the alphabet. */
  readonly values: readonly string[];
  /** Of the last page. */
  readonly position: string | null;
}

export async function readAll(store: ArtifactStore, after: string | null = null): Promise<Reading> {
  const pages: ArtifactPage[] = [];
  for await (const page of store.pages(after, SIGNAL)) pages.push(page);
  const artifacts = pages.flatMap((page) => page.artifacts);
  return {
    pages,
    artifacts,
    values: [...new Set(artifacts.map(({ value }) => value))].toSorted(),
    position: pages.at(-1)?.position ?? null,
  };
}

export function refsOf(uuids: readonly string[]): ArtifactRef[] {
  return uuids.map((remoteId) => ({ remoteId, value: '', isOurs: false }));
}

/** What each has there, by its value: `name` or, of one that is not local, `name for all`. */
export function tagsIn({ server }: ArtifactsBench): Readonly<Record<string, readonly string[]>> {
  const named = server.tip.controls
    .holdings()
    .map(({ value, tags }) => [value, tags.map(({ name, local }) => (local ? name : `${name} for all`))] as const);
  return Object.fromEntries(named);
}

/** `POST attributes/addTag`, without what follows; since that many requests. */
export function askedOf({ requests, server }: ArtifactsBench, from = 0): string[] {
  return requests.slice(from).map(({ method, url }) => {
    const [, controller = '', action = ''] = url.slice(server.url.length).split('/');
    return `${method} ${controller}/${action}`;
  });
}
