import type { WireReply } from '../wire.ts';
import type { Instance } from './instance.ts';
import type { MispFaults } from './misp-faults.ts';

/** A complete answer. */
export type Answer = Exclude<WireReply, 'cut'>;

/** One request, taken apart as CakePHP does it. */
export interface Call {
  readonly method: string;
  readonly controller: string;
  readonly action: string;
  /** What stands in the path after the action. */
  readonly passed: readonly string[];
  /** `name:value` in the path. */
  readonly named: ReadonlyMap<string, string>;
  /** The path as it came, for messages. */
  readonly url: string;
  /** The JSON that came along; null when there was none. */
  readonly data: unknown;
}

/** What those that answer share. */
export interface Rooms {
  readonly instance: Instance;
  readonly faults: () => MispFaults;
  readonly address: () => string;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/** A request that is declined as CakePHP declines them: with an exception. */
export class Declined extends Error {
  override readonly name = 'Declined';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export const INTERNAL_ERROR = 'An Internal Error Has Occurred.';

export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** (Source: CakePHP 2, ExceptionRenderer: name, message, url, escaped for HTML.) */
export function declined({ status, message, headers }: Declined, url: string): Answer {
  return answer(status, { name: escaped(message), message: escaped(message), url: escaped(url) }, headers);
}

/** What was asked for could not be saved. (Source: MISP 2.5.1, RestResponseComponent::saveFailResponse.) */
export function notSaved(controller: string, action: string, errors: unknown, id: string | null = null): Answer {
  const message = `Could not ${action} ${controller.replace(/s$/, '')}`;
  const url = urlOf(controller, action, id);
  return answer(403, { saved: false, name: message, message, url, errors, ...(id === null ? {} : { id }) });
}

/** (Source: MISP 2.5.1, RestResponseComponent::saveSuccessResponse.) */
export function saved(controller: string, action: string, message: string, id: string | null = null): Answer {
  const url = urlOf(controller, action, id);
  return answer(200, { saved: true, success: true, name: message, message, url, ...(id === null ? {} : { id }) });
}

function urlOf(controller: string, action: string, id: string | null): string {
  return `/${controller.toLowerCase()}/${action}${id === null ? '' : `/${id}`}`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#039;');
}
