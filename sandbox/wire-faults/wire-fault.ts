import { z } from 'zod';
import { ofEachTip, type TipName } from '../stand-ins.ts';

/** Answers that are made up on the way: by a gateway, a proxy, or a service that is overloaded. */
export const MADE_UP_ANSWERS = [
  /** `Retry-After` in seconds. (Source: RFC 9110, 10.2.3; the Graph throttling page.) */
  '429-seconds',
  /** `Retry-After` as an HTTP date. (Source: RFC 9110, 10.2.3; CrowdStrike's ThreatStream client reads both.) */
  '429-date',
  /** `Retry-After: 0`, which is a number of seconds. (Source: RFC 9110, 10.2.3.) */
  '429-zero',
  /** Without a word of how long: not every Graph service says it. (Source: the Graph throttling page.) */
  '429-none',
  /** `retry-after-ms` and `x-ms-retry-after-ms`. (Source: azure-sdk-for-js, throttlingRetryStrategy.) */
  '429-ms',
  /** "Try again in N seconds" in the body. (Source: Sentinel's STIX objects API.) */
  '429-sentence',
  '500',
  /** A proxy's page. (Source: Splunk's ThreatStream connector, which guards against it.) */
  '502-html',
  '503',
  /** A gateway, or a query's server, has waited long enough. (Source: the Logs query API, "Timeouts".) */
  '504',
  /** A token or key is not taken for a while. (Source: misp2sentinel PR#24, "intermittent UnauthorizedAccess".) */
  '401',
  /** A permission takes up to an hour to arrive. (Source: the Logs query API, "Permissions".) */
  '403',
  /** A page of HTML as a success, as captive proxies answer. (Source: Splunk's ThreatStream connector accepts it: unwise.) */
  'html-200',
  /** Some megabytes that are no answer. */
  'huge-body',
  /** One that never ends. (Source: RFC 9112, 7.1: a chunked body says nothing of how long it will be.) */
  'endless-body',
  /** A small one that unpacks to hundreds of megabytes, for a client that takes packed answers. (Source: CWE-409.) */
  'packed-body',
  /** Small, and costly to parse: nested as deep as it is long. (Source: CWE-674.) */
  'nested-body',
  /** Headers of a megabyte. (Source: CWE-770; RFC 9110, 5.4, lets whoever receives them set a limit.) */
  'huge-header',
  /** Success without a word: what the query API says to a request without a content type. (Source: measured with the SDK.) */
  'empty-200',
  /** What the query API says of a workspace without data. (Source: azure-sdk-for-js#19498.) */
  '204',
  /** Nothing for `ms`, then the connection is cut. (Source: Splunk's connector gives up after 120 seconds.) */
  'hang',
  /** The connection is cut. */
  'reset',
] as const;

/** What becomes of an answer that was given, on its way back. */
export const SPOILT_ANSWERS = [
  /** Its body takes `ms`. */
  'slow-body',
  /** The connection is cut in the middle of its body. */
  'truncated-body',
  /** Its body ends in the middle, and the connection says that this is all. */
  'bad-json',
  /** Half of a query's rows, with HTTP 200 and a `PartialError`; other answers stay. (Source: the Logs query API, "Errors".) */
  'partial',
] as const;

export type WireApiName = 'entra' | 'logs' | 'graph' | TipName;
export const WIRE_APIS: readonly WireApiName[] = [
  'entra',
  'logs',
  'graph',
  ...Object.values(ofEachTip((name) => name)),
];
const known: ReadonlySet<unknown> = new Set(WIRE_APIS);
const wireApiName = z.custom<WireApiName>((name) => known.has(name), {
  error: `expected one of ${WIRE_APIS.join(', ')}`,
});
export const wireFaultKind = z.enum([...MADE_UP_ANSWERS, ...SPOILT_ANSWERS]);
export type WireFaultKind = z.infer<typeof wireFaultKind>;

/**
 * `before`: the stand-in never sees the request. `after`: it has taken the request in, and its answer is lost. `early`: the request is
 * answered first, and taken in `ms` later, as a gateway does that gives up before the service behind it. An answer that is spoilt is
 * always one that was given.
 */
export const wireFaultMoment = z.enum(['before', 'after', 'early']);
export type WireFaultMoment = z.infer<typeof wireFaultMoment>;

/** A fault of the wire and the requests that it hits: all that it fits, unless `at` or `share` says which. */
export const wireFault = z.strictObject({
  api: wireApiName,
  kind: wireFaultKind,
  moment: wireFaultMoment.default('before'),
  /** Only requests with this method, or whose path contains this. */
  method: z.string().optional(),
  path: z.string().optional(),
  /** By their number among those that it fits, counted from 1 when it is set. */
  at: z.array(z.int().min(1)).optional(),
  /** Such a share of them, chosen by the seed. */
  share: z.number().min(0).max(1).optional(),
  seed: z.int().default(1),
  /** At most so many. */
  times: z.int().min(1).optional(),
  /** Only so long after the first request that it fits. */
  forMs: z.int().min(0).optional(),
  /** What a 429 asks to wait. */
  waitSeconds: z.int().min(0).default(1),
  /** How long a slow body, a hanging request or a late taking-in takes. */
  ms: z.int().min(0).default(1_500),
});
export type WireFault = z.infer<typeof wireFault>;
