import type { Destination, Shipment } from '../../destinations/destination.ts';
import { createThreatStream } from '../../destinations/threatstream/threatstream.ts';
import type { ThreatStreamSettings } from '../../destinations/threatstream/threatstream-settings.ts';
import type { HttpReply, HttpRequest } from '../../http/http-client.ts';
import { domains } from './threatstream-indicators.ts';
import { shipmentsOf } from './threatstream-sandbox.ts';
import { plainSettings } from './threatstream-settings.ts';

export const SENT_AT = '2026-11-24T08:00:00.000Z';
/** Of an import that was acknowledged then. */
export const RECEIPT = { kind: 'session', sessionId: '7', sentAt: SENT_AT };

export interface Scripted {
  readonly threatstream: Destination;
  readonly requests: readonly HttpRequest[];
}

export function json(status: number, body: unknown): HttpReply {
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) };
}

export function page(objects: readonly unknown[], next: string | null = null): HttpReply {
  return json(200, { meta: { next }, objects });
}

/** The adapter, told answers that the sandbox does not give: one after the other, of which the last is repeated, or by request. */
export function scripted(
  replies: readonly HttpReply[] | ((request: HttpRequest, url: URL) => HttpReply),
  settings: Partial<ThreatStreamSettings> = {},
  at = SENT_AT,
): Scripted {
  const requests: HttpRequest[] = [];
  const threatstream = createThreatStream(
    plainSettings({
      baseUrl: 'https://threatstream.example',
      user: 'analyst',
      apiKey: 'a-secret-key',
      ...settings,
    }),
    {
      http: {
        async send(request) {
          requests.push(request);
          if (typeof replies === 'function') return replies(request, new URL(request.url));
          return replies[Math.min(requests.length, replies.length) - 1] ?? json(500, {});
        },
        async close() {},
      },
      pace: { async before() {}, answered() {}, async throttled() {} },
      now: () => new Date(at),
    },
  );
  return { threatstream, requests };
}

/** What a ThreatStream shows that has one import session, and copies of some values, of the organisation 67, whose user asks. */
export interface Shown {
  readonly session?: HttpReply;
  /** What the session has included, and what it has not; null where the appliance has no such lists. */
  readonly included?: readonly unknown[] | null;
  readonly rejects?: readonly unknown[] | null;
  readonly copies?: readonly { readonly value: string }[];
  readonly user?: HttpReply;
  /** The answer to every change. */
  readonly changed?: HttpReply;
}

export const OURS = page([{ organization: { id: '67' } }]);

/** Answers as such a ThreatStream would, as far as questions go. */
export function showing({ session, included = null, rejects = null, copies = [], user = OURS, changed }: Shown) {
  const listOf = (entries: readonly unknown[] | null): HttpReply => (entries === null ? json(404, {}) : page(entries));
  const own = copies.map((copy, index) => ({
    id: index + 1,
    owner_organization_id: 67,
    import_session_id: 7,
    tags: [{ name: 'mdti' }],
    ...copy,
  }));
  return ({ method }: HttpRequest, { pathname, searchParams }: URL): HttpReply => {
    if (method !== 'GET') return changed ?? json(202, {});
    if (pathname.endsWith('/user/')) return user;
    if (pathname.endsWith('/importsession/')) return page([]);
    if (pathname.includes('/importsession/')) {
      if (pathname.endsWith('/intelligence/')) return listOf(included);
      return pathname.endsWith('/rejects/') ? listOf(rejects) : (session ?? json(404, {}));
    }
    const asked = new Set(
      [...(searchParams.get('q') ?? '').matchAll(/value="([^"]*)"/g)].map(([, value]) => value?.toLowerCase()),
    );
    const isAsked = ({ value }: { readonly value: string }): boolean =>
      asked.has(value.toLowerCase().replace(/(?<=[a-z])\/$/, ''));
    return page(searchParams.has('q') ? own.filter(isAsked) : searchParams.has('tags.name') ? own : []);
  };
}

/** Domains `host0`, `host1`, …, with ids from 1 on. */
export function shipment(threatstream: Destination, count = 3): Shipment {
  const [first] = shipmentsOf(threatstream, domains(count));
  if (first === undefined) throw new Error('Nothing was planned.');
  return first;
}
