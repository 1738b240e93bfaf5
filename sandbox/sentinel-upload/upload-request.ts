import { z } from 'zod';
import { type Json, parseJson } from '../logs/kql/value.ts';
import type { WireAnswer, WireRequest } from '../wire.ts';
import { trouble } from './answer.ts';

interface UploadRequest {
  readonly source: string;
  readonly objects: readonly Json[];
}

/** (Source of all of them: learn.microsoft.com, "stix-objects-api".) */
const VERSION = '2024-02-01-preview';
const OBJECTS_A_REQUEST = 100;
const RESTRICTED = 'microsoft sentinel';

const body = z.looseObject({ sourcesystem: z.string().min(1), stixobjects: z.array(z.json()) });

/** What a request uploads, or the answer to one that is not in the form. (Source of the status: the same; its words are UNCONFIRMED.) */
export function readUpload({ query, headers, body: text }: WireRequest): UploadRequest | WireAnswer {
  if (query.get('api-version') !== VERSION) return badFormat('The API version is missing or not supported.');
  if (!/^application\/json(?:;|$)/i.test(headers['content-type'] ?? '')) return badFormat('The content is not JSON.');
  const read = body.safeParse(parseJson(text));
  if (!read.success) return badFormat('The request needs a sourcesystem and an array of stixobjects.');
  const { sourcesystem: source, stixobjects: objects } = read.data;
  if (source.trim().toLowerCase() === RESTRICTED) return badFormat(`The sourcesystem ${source} is restricted.`);
  if (objects.length === 0) return badFormat('There are no stixobjects.');
  if (objects.length > OBJECTS_A_REQUEST) {
    return badFormat(`There are ${objects.length} stixobjects, and ${OBJECTS_A_REQUEST} is the maximum.`);
  }
  return { source, objects };
}

function badFormat(message: string): WireAnswer {
  return trouble(400, message);
}
