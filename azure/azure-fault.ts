import { faultOf, READ_AT_START, throttled, waitAfterFailure } from '../http/faults.ts';
import type { HttpReply } from '../http/http-client.ts';
import type { Outcome } from '../http/recorded-client.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { Fault } from '../indicators/fault.ts';

/** Whose token was asked for; none of it is secret. Empty ids are those that the environment has. */
export interface AzureIdentity {
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: 'clientSecret' | 'clientCertificate' | 'workloadIdentity' | 'managedIdentity' | 'default';
}

/** What Entra ID's codes mean, and who can do what about it. (Source: learn.microsoft.com, "Microsoft Entra error codes".) */
const REFUSALS: Readonly<Record<string, readonly [meaning: string, advice: string]>> = {
  '7000215': ['invalid client secret', "check that it is the secret's value, not its id, and that it is current"],
  '7000222': ['the client secret has expired', 'make a new one and put it in its place'],
  '7000216': ['a client secret or assertion is needed', 'check azure.credential'],
  '7000218': ['a client secret or assertion is needed', 'check azure.credential'],
  '700016': ['unknown application', 'check azure.clientId, and that the application is in this tenant'],
  '7000112': ['the application is disabled', 'have it enabled in Entra ID'],
  '90002': ['unknown tenant', 'check azure.tenantId and azure.authorityHost'],
  '900023': ['no valid tenant', 'check azure.tenantId'],
  '900021': ['no valid tenant', 'check azure.tenantId'],
  '700027': ['certificate not known to the application', 'upload its public part to the application'],
  '700024': ['the assertion is outside its time', "check this machine's clock"],
  '70021': ['no federated identity matches', "check the federated credential's issuer and subject"],
  '700213': ['no federated identity matches', "check the federated credential's issuer and subject"],
  '53003': ['blocked by Conditional Access', 'have the policy let this application in'],
  '500011': ['the API is unknown in this tenant', "check the API's scope setting and the cloud"],
  '1002012': ['the scope is not valid', "check the API's scope setting"],
  '70011': ['the scope is not valid', "check the API's scope setting"],
};

/** Those that are about the text of a secret. */
const OF_A_SECRET = new Set(['7000215', '7000222']);

/** Codes by which Entra ID says that it was asked too often. */
const BUSY = new Set(['90055', '50196']);

/** Those that it documents as transient, retryable, timed out or temporarily unavailable (the same source). */
const TRANSIENT = new Set(['40010', '50033', '50087', '70012', '90006', '90012', '90024', '90033', '90090', '90091']);

/** OAuth's own words for that. (Source: RFC 6749, 4.1.2.1, which Entra ID's token endpoint answers with, too.) */
const TRANSIENT_ERROR = /"error"\s*:\s*"(?:temporarily_unavailable|server_error)"/;

/**
 * Any error of `@azure/identity` or of an Azure client as a `Fault`. A refused credential is named by its setting, client and tenant.
 *
 * @param api the API's name, as the sentence has it.
 * @param known what the error does not tell: the newest answer, and whose token it was about.
 */
export function azureFault(
  api: string,
  error: unknown,
  known: { readonly identity?: AzureIdentity; readonly outcome?: Outcome; readonly now?: Date } = {},
): Fault {
  const earlier = faultIn(error) ?? (known.outcome?.kind === 'fault' ? known.outcome.fault : undefined);
  if (earlier !== undefined) return earlier;
  const now = known.now ?? new Date();
  const reply = known.outcome?.kind === 'reply' ? known.outcome.reply : replyIn(error);
  const text = error instanceof Error ? error.message : '';
  const code = /AADSTS(\d{4,9})/.exec(`${reply?.text ?? ''} ${text}`)?.[1];
  const wait = reply === undefined ? undefined : retryAfterMs(reply.headers, reply.text, now);
  if (code !== undefined && (BUSY.has(code) || reply?.status === 429)) {
    return throttled(api, wait, { isUnpaced: true });
  }
  if (code !== undefined && isTransient(code, reply)) {
    const answered = reply === undefined ? 'failed' : `answered ${reply.status}`;
    const sentence = `${api} ${answered} (AADSTS${code}).`;
    return new Fault('Unavailable', sentence, waitAfterFailure(wait));
  }
  if (code !== undefined) return new Fault('Refused', refusal(code, known.identity));
  const byStatus = reply === undefined ? null : faultOf(api, reply, now);
  if (byStatus !== null) return byStatus;
  return nameless(api, error, reply, known.identity);
}

/** Entra ID is the one in trouble: so says the code, or else the status, whatever the code. */
function isTransient(code: string, reply: HttpReply | undefined): boolean {
  if (TRANSIENT.has(code)) return true;
  return reply !== undefined && (reply.status >= 500 || TRANSIENT_ERROR.test(reply.text));
}

function refusal(code: string, identity: AzureIdentity | undefined): string {
  const [meaning, advice] = REFUSALS[code] ?? [null, 'look the code up at https://login.microsoftonline.com/error'];
  const why = meaning === null ? `AADSTS${code}` : `AADSTS${code}: ${meaning}`;
  // A certificate and a federated token are read again at every try.
  const restart = OF_A_SECRET.has(code) ? ` ${READ_AT_START}` : '';
  return `${nameOf(identity)} was refused by Entra ID (${why})${whose(identity)}: ${advice}.${restart}`;
}

function nameOf(identity: AzureIdentity | undefined): string {
  if (identity === undefined) return 'The Azure credential';
  const { credential } = identity;
  if (credential === 'clientSecret') return 'azure.clientSecret';
  return credential === 'clientCertificate' ? 'azure.certificatePath' : `The azure credential (${credential})`;
}

/** ` for client … in tenant …`, as far as it is known. */
export function whose(identity: AzureIdentity | undefined): string {
  if (identity === undefined) return '';
  const client = identity.clientId === '' ? '' : ` for client ${identity.clientId}`;
  return identity.tenantId === '' ? client : `${client} in tenant ${identity.tenantId}`;
}

/** No status and no code: a credential that this machine does not have, or a network that does not answer. */
function nameless(
  api: string,
  error: unknown,
  reply: HttpReply | undefined,
  identity: AzureIdentity | undefined,
): Fault {
  const name = error instanceof Error ? error.name : typeof error;
  if (reply !== undefined) {
    return new Fault('Unavailable', `${api} answered ${reply.status} with what could not be read (${name}).`);
  }
  const unread = error instanceof Error ? /\b(?:ENOENT|EACCES|EISDIR)\b/.exec(error.message)?.[0] : undefined;
  if (unread !== undefined) {
    return new Fault(
      'Refused',
      `${nameOf(identity)} could not be read (${unread}): check the path of the certificate or token file.`,
    );
  }
  if (name === 'CredentialUnavailableError' || name === 'AggregateAuthenticationError') {
    return new Fault(
      'Refused',
      `${nameOf(identity)} is not to be had on this machine${whose(identity)}: check azure.credential and what it needs there.`,
    );
  }
  if (identity !== undefined && !isOfTheNetwork(error)) {
    return new Fault(
      'Refused',
      `${nameOf(identity)} could not be used on this machine (${name})${whose(identity)}: check azure.credential, and the files and AZURE_ variables that it needs.`,
    );
  }
  return new Fault('Unavailable', `${api} could not be reached (${name}). Check the network, DNS and network.proxy.`);
}

/** MSAL's words for a request that got no answer. (Source: `@azure/msal-common` 15, ClientAuthErrorCodes.) */
const UNANSWERED = new Set([
  'network_error',
  'endpoints_resolution_error',
  'openid_config_error',
  'no_network_connectivity',
]);

/** The SDK's own way to the network failed, or one of its causes did. */
function isOfTheNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (['RestError', 'AbortError', 'TimeoutError'].includes(error.name)) return true;
  if ('errorCode' in error && UNANSWERED.has(String(error.errorCode))) return true;
  if ('code' in error && /^(?:E[A-Z]+|REQUEST_SEND_ERROR)$/.test(String(error.code))) return true;
  return isOfTheNetwork(error.cause);
}

/** The adapter's own fault, which an SDK may have wrapped. */
function faultIn(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  return error instanceof Error && error.cause !== undefined ? faultIn(error.cause) : undefined;
}

/** The status that a `RestError` or an `AuthenticationError` carries. */
function replyIn(error: unknown): HttpReply | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  return { status: error.statusCode, headers: {}, text: error.message };
}
