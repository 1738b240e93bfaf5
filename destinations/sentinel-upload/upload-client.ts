import { z } from 'zod';
import { bearerToken } from '../../azure/bearer-token.ts';
import { NEW_TOKENS, refusesToken, withNewToken } from '../../azure/kept-credential.ts';
import { faultOf, parseJson } from '../../http/faults.ts';
import type { HttpClient, HttpReply } from '../../http/http-client.ts';
import { Fault } from '../../indicators/fault.ts';
import type { Pace } from '../../rates/pace.ts';
import type { Form } from '../destination.ts';
import type { AzureAccess } from '../destination-deps.ts';
import type { SentinelUploadSettings } from './sentinel-upload-settings.ts';
import { withoutValues } from './without-values.ts';

const API = 'Sentinel’s upload API';
const VERSION = '2024-02-01-preview';

/** An object that was not taken in. */
export interface Declined {
  /** Its place in the request. */
  readonly place: number;
  /** Without what the object says. */
  readonly reason: string;
}

export interface UploadClient {
  /** Sends objects; returns those that were not taken in. `Rejected` when the request was declined as a whole. */
  upload(objects: readonly Form[], signal: AbortSignal, leaving?: () => Promise<void>): Promise<readonly Declined[]>;
  /** Throws a `Fault` unless the API answers whoever asks. */
  probe(signal: AbortSignal): Promise<void>;
}

export interface UploadDeps {
  readonly http: HttpClient;
  readonly pace: Pace;
  readonly azure: Pick<AzureAccess, 'credential'>;
  readonly now: () => Date;
}

/** (Source of all of it: learn.microsoft.com, "Import threat intelligence to Microsoft Sentinel with the upload API".) */
export function createUploadClient(settings: SentinelUploadSettings, deps: UploadDeps): UploadClient {
  const { http, pace, azure, now } = deps;
  const { endpoint, workspaceId, scope, sourceSystem } = settings;
  const url = `${endpoint}/workspaces/${encodeURIComponent(workspaceId)}/threat-intelligence-stix-objects:upload?api-version=${VERSION}`;

  /** Any answer but those that are a fault whatever was asked. */
  async function send(objects: readonly Form[], signal: AbortSignal, leaving?: () => Promise<void>) {
    const body = JSON.stringify({ sourcesystem: sourceSystem, stixobjects: objects });
    let hasLeft = false;
    const reply = await withNewToken(
      azure.credential,
      async (credential) => {
        await pace.before(signal);
        const token = await bearerToken(credential, scope, signal, now);
        // One that comes back for another token has been turned away.
        if (!hasLeft) await leaving?.();
        hasLeft = true;
        const headers = {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json',
        };
        const answer = await http.send({ method: 'POST', url, headers, body, signal });
        if (answer.status !== 429) pace.answered();
        return answer;
      },
      ({ status }) => refusesToken(status),
    );
    const fault = refusal(reply, settings) ?? faultOf(API, reply, now());
    if (fault?.kind === 'Throttled') await pace.throttled(fault.retryAfterMs);
    if (fault !== null) throw fault;
    return reply;
  }

  return {
    async upload(objects, signal, leaving) {
      const reply = await send(objects, signal, leaving);
      if (reply.status === 200) return declinedIn(reply, objects);
      if (reply.status < 300) throw new Fault('Unavailable', `${API} answered ${reply.status} where 200 was expected.`);
      throw new Fault('Rejected', `${API} declined the request (${reply.status})${wordsOf(reply, objects)}`);
    },
    async probe(signal) {
      // That there is nothing to upload is all that it can have against it.
      await send([], signal);
    },
  };
}

function refusal({ status }: HttpReply, { workspaceId, endpoint }: SentinelUploadSettings): Fault | null {
  if (refusesToken(status)) {
    return new Fault(
      'Refused',
      `${API} answered ${status}: give the application the role "Microsoft Sentinel Contributor" on workspace ${workspaceId}, and check that scope and endpoint of the destination are of the same cloud. ${NEW_TOKENS}`,
    );
  }
  if (status === 404) {
    return new Fault(
      'Refused',
      `${API} knows no workspace ${workspaceId} (404): check workspaceId of the destination (the workspace's own id, not its name), that Sentinel is enabled there, and the endpoint ${endpoint}.`,
    );
  }
  return null;
}

const place = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number),
]);
const listed = z.object({
  errors: z.array(z.object({ recordIndex: place, errorMessages: z.array(z.string()).nullish() })).nullish(),
});

/** An empty body says that all of them are in; a list says which are not. */
function declinedIn(reply: HttpReply, objects: readonly Form[]): readonly Declined[] {
  if (reply.text.trim() === '') return [];
  const read = listed.nullable().safeParse(parseJson(API, reply));
  const errors = read.data?.errors ?? [];
  if (!read.success || errors.some(({ recordIndex }) => recordIndex >= objects.length)) {
    throw new Fault('Unavailable', `${API} answered 200 with a list of errors that cannot be read.`);
  }
  return errors.map(({ recordIndex, errorMessages }) => {
    const said = withoutValues((errorMessages ?? []).join(' '), objects.slice(recordIndex, recordIndex + 1));
    return { place: recordIndex, reason: `Sentinel did not take it in: ${said}` };
  });
}

const declined = z.object({
  message: z.string().optional().catch(undefined),
  errors: z
    .array(z.object({ errorMessages: z.array(z.string()) }))
    .optional()
    .catch(undefined),
});

/** What the answer says of it, if anything. */
function wordsOf({ text }: HttpReply, objects: readonly Form[]): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return '.';
  }
  const { message, errors } = declined.safeParse(json).data ?? {};
  const said = message ?? errors?.[0]?.errorMessages.join(' ') ?? '';
  return said === '' ? '.' : `: ${withoutValues(said, objects)}`;
}
