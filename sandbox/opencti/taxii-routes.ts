import type { WireAnswer, WireRequest } from '../wire.ts';
import { OPENCTI_CREDENTIALS } from './account.ts';
import { Declined, platformError, START_PAGE, taxiiAnswer } from './answer.ts';
import type { OpenCtiFaults } from './opencti-faults.ts';
import { mustSignIn, push } from './push.ts';
import { isComplete, type Works } from './works.ts';

interface Asked {
  readonly request: WireRequest;
  readonly works: Works;
  readonly address: string;
  readonly now: number;
  readonly faults: OpenCtiFaults;
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** `id` stands in the path. Throws `Declined`. */
  answer(asked: Asked, id: string): WireAnswer;
}

/** All of them with or without a slash at the end. (Source: OpenCTI, http/httpTaxii.js; Express is not strict about it.) */
const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/taxii2\/?$/, answer: discovery },
  { method: 'GET', path: /^\/taxii2\/root\/?$/, answer: apiRoot },
  { method: 'GET', path: /^\/taxii2\/root\/collections\/?$/, answer: collections },
  { method: 'GET', path: /^\/taxii2\/root\/collections\/([^/]+)\/?$/, answer: collection },
  { method: 'GET', path: /^\/taxii2\/root\/collections\/([^/]+)\/manifest\/?$/, answer: unreadable('manifest') },
  {
    method: 'GET',
    path: /^\/taxii2\/root\/collections\/([^/]+)\/objects\/(?:[^/]+\/(?:versions\/?)?)?[^/]*$/,
    answer: unreadable('objects'),
  },
  { method: 'GET', path: /^\/taxii2\/root\/collections\/([^/]+)\/objects$/, answer: unreadable('objects') },
  {
    method: 'POST',
    path: /^\/taxii2\/root\/collections\/([^/]+)\/objects\/?$/,
    answer: ({ request, works, now, faults }, id) => push(request, id, works, now, faults),
  },
  { method: 'GET', path: /^\/taxii2\/root\/status\/([^/]+)\/?$/, answer: status },
  {
    method: 'DELETE',
    path: /^\/taxii2\/root\/collections\/([^/]+)\/objects\/[^/]+\/?$/,
    answer: () => {
      throw new Declined(500, 'Unsupported operation');
    },
  },
];

export function taxii(asked: Asked): WireAnswer {
  const { method, path } = asked.request;
  for (const route of ROUTES) {
    const found = route.method === method ? route.path.exec(path) : null;
    if (found === null) continue;
    try {
      return route.answer(asked, decoded(found[1] ?? ''));
    } catch (error) {
      if (error instanceof Declined) return error.answer();
      throw error;
    }
  }
  return method === 'GET' ? START_PAGE : platformError(404, 'Path not found');
}

function discovery({ request, faults, address }: Asked): WireAnswer {
  mustSignIn(request, faults);
  return taxiiAnswer({
    title: 'OpenCTI TAXII Server',
    description: 'This TAXII Server exposes OpenCTI data through taxii protocol',
    default: `${address}/taxii2/root/`,
    api_roots: [`${address}/taxii2/root/`],
  });
}

/** It promises more than a body may have. */
function apiRoot({ request, faults }: Asked): WireAnswer {
  mustSignIn(request, faults);
  return taxiiAnswer({
    title: 'OpenCTI TAXII Server',
    description: 'A global and natively segregate taxii root',
    max_content_length: 100 * 1024 * 1024,
    versions: ['application/taxii+json;version=2.1'],
  });
}

function collections({ request, faults }: Asked): WireAnswer {
  mustSignIn(request, faults);
  return taxiiAnswer({ collections: faults.stopped ? [] : [PUSH_COLLECTION] });
}

function collection({ request, faults }: Asked, id: string): WireAnswer {
  mustKnow(request, faults, id);
  if (faults.stopped) throw new Declined(404, 'Collection not found');
  return taxiiAnswer(PUSH_COLLECTION);
}

const PUSH_COLLECTION = {
  id: OPENCTI_CREDENTIALS.collection,
  title: 'mdti-sync',
  description: 'Indicators that mdti-sync pushes',
  can_read: false,
  can_write: true,
  media_types: ['application/stix+json;version=2.1'],
} as const;

/** (Source: OpenCTI-Platform/opencti#11642.) */
function unreadable(resource: string): Route['answer'] {
  return ({ request, faults }, id) => {
    mustKnow(request, faults, id);
    throw new Declined(403, `The client does not have access to this ${resource} resource`);
  };
}

/** A collection that there is not is forbidden, and that before anyone signs in. */
function mustKnow(request: WireRequest, faults: OpenCtiFaults, id: string): void {
  if (id !== OPENCTI_CREDENTIALS.collection)
    throw new Declined(403, 'You are not allowed to do this.', 'FORBIDDEN_ACCESS');
  mustSignIn(request, faults);
}

/**
 * Numbers only; "complete" says nothing of success. A push of several objects has no numbers until a worker has split it. (Source:
 * OpenCTI, http/httpTaxii.js and domain/connector, `computeWorkStatus`.)
 */
function status({ request, works, faults }: Asked, id: string): WireAnswer {
  mustSignIn(request, faults);
  const work = works.get(id);
  if (work === null || (faults.worksCleared && isComplete(work))) throw new Declined(500, 'Work not found');
  const isSplit = work.total === 1 || work.processed > 0;
  return taxiiAnswer({
    id,
    status: isComplete(work) ? 'complete' : 'pending',
    request_timestamp: new Date(work.createdAt).toISOString(),
    total_count: isSplit ? work.processed + work.waiting.length : null,
    success_count: work.processed - work.errors.length,
    failure_count: work.errors.length,
    pending_count: isSplit ? work.waiting.length : null,
  });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
