import { NamespaceNotFoundError } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.ts';

/** gRPC's status codes. (Source: grpc.io, "Status codes and their use in gRPC".) */
const CODE = { invalidArgument: 3, notFound: 5, permissionDenied: 7, unavailable: 14, unauthenticated: 16 } as const;

/**
 * What Temporal's refusal means, as a sentence with what to do; null for an error that is not one of these. None of them holds a
 * key: Temporal's own words are left out.
 */
export function temporalFailure(
  error: unknown,
  { address, namespace }: { readonly address: string; readonly namespace: string },
): string | null {
  const at = `Temporal at ${address}`;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NamespaceNotFoundError) return noNamespace(at, namespace);
    const code = 'code' in cause ? cause.code : undefined;
    if (code === CODE.unauthenticated) {
      return `${at} did not accept the credential: check TEMPORAL_API_KEY (api_key in temporal.toml), and that it is current.`;
    }
    if (code === CODE.permissionDenied) {
      return `${at} does not let this API key or certificate do that in namespace ${namespace}: check TEMPORAL_NAMESPACE, and the key's permissions there.`;
    }
    if (code === CODE.notFound && saysNoNamespace(cause.message)) return noNamespace(at, namespace);
    if (code === CODE.unavailable) return `${at} does not answer any more. Look at it, and try again.`;
  }
  return null;
}

/** The sentence for a namespace that was not set up; null for any other error. */
export function unknownSearchAttribute(error: unknown, namespace: string): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { message } = cause;
    if (!('code' in cause) || cause.code !== CODE.invalidArgument) continue;
    const unknown = SEARCH_ATTRIBUTES.find(({ name }) => message.includes(name));
    if (unknown === undefined) continue;
    return `Namespace ${namespace} does not know the search attribute ${unknown.name}. Run 'mdti-sync setup' first: it registers them.`;
  }
  return null;
}

/** "Namespace NAME is not found." */
function saysNoNamespace(message: string): boolean {
  const text = message.toLowerCase();
  return text.includes('namespace ') && text.includes(' is not found');
}

function noNamespace(at: string, namespace: string): string {
  return `${at} has no namespace ${namespace}: set TEMPORAL_NAMESPACE (namespace in temporal.toml), or create it ('temporal operator namespace create').`;
}
