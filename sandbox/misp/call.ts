import type { WireRequest } from '../wire.ts';
import { type Call, Declined } from './answer.ts';

/** Requests that name a thing and no action. (Source: CakePHP 2, Router::mapResources, as MISP uses it for events and attributes.) */
const RESOURCE_ACTIONS: Readonly<Record<string, string>> = {
  GET: 'view',
  HEAD: 'view',
  POST: 'edit',
  PUT: 'edit',
  DELETE: 'delete',
};

/** Takes a request apart as CakePHP does it: `/attributes/add/5/breakOnDuplicate:0`. Throws `Declined` when the body is no JSON. */
export function callOf({ method, path, body }: WireRequest): Call {
  const parts = path
    .replace(/\.json$/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => decoded(part));
  const [controller = '', second, ...rest] = parts;
  const isThing = second !== undefined && /^(?:\d+|[0-9a-f-]{36})$/i.test(second);
  const bare = second === undefined ? (method === 'POST' ? 'add' : 'index') : second;
  const action = isThing ? (RESOURCE_ACTIONS[method] ?? 'view') : bare;
  const after = isThing ? [second, ...rest] : rest;
  // Whatever has a colon is a named parameter, be it meant as one or not.
  const named = after.flatMap((part) => {
    const at = part.indexOf(':');
    return at < 0 ? [] : [[part.slice(0, at), part.slice(at + 1)] as const];
  });
  return {
    method,
    controller: controller === 'shadow_attributes' ? 'shadowAttributes' : controller,
    action,
    passed: after.filter((part) => !part.includes(':')),
    named: new Map(named),
    url: path,
    data: dataOf(method, body),
  };
}

function dataOf(method: string, body: string): unknown {
  if (method === 'GET' || method === 'HEAD' || body === '') return null;
  try {
    return JSON.parse(body);
  } catch {
    throw new Declined(
      405,
      'Invalid JSON input. Make sure that the JSON input is a correctly formatted JSON string. This request has been blocked to avoid an unfiltered request.',
    );
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
