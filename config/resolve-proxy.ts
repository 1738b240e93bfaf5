import { Secret } from '../settings/secret.ts';
import type { Config } from './config-schema.ts';

/** The proxy as the worker uses it; its address is a secret since one from the environment may hold a password. */
export interface ResolvedProxy {
  readonly address: Secret;
  readonly credentials?: { readonly user: Secret; readonly password: Secret };
  readonly except: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;
type Resolved =
  | { readonly ok: true; readonly proxy: ResolvedProxy | undefined }
  | { readonly ok: false; readonly problem: string };

/** This machine, which no proxy of the environment is meant for. */
const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The proxy of the settings, else that of HTTPS_PROXY; past it goes what `noProxy` names, else what NO_PROXY names. (Both variables
 * as curl and most others read them: in lower case first.)
 */
export function resolveProxy(
  { proxy, noProxy }: Config['network'],
  credentials: ResolvedProxy['credentials'],
  env: Env,
): Resolved {
  const except = noProxy ?? listOf(variable(env, 'NO_PROXY'));
  if (proxy !== undefined) {
    const address = new Secret(proxy);
    return {
      ok: true,
      proxy: { address, except: exceptOf(except), ...(credentials === undefined ? {} : { credentials }) },
    };
  }
  const text = variable(env, 'HTTPS_PROXY').trim();
  if (text === '') return { ok: true, proxy: undefined };
  // `proxy.example.com:8080` is a usual form of it, too.
  const address = text.includes('://') ? text : `http://${text}`;
  const flaw = flawOf(address);
  if (flaw !== null) {
    const problem = `HTTPS_PROXY: expected the address of a proxy such as http://proxy.example.com:8080${flaw}. Set it so, or leave it out and set network.proxy.`;
    return { ok: false, problem };
  }
  return { ok: true, proxy: { address: new Secret(address), except: exceptOf([...except, ...THIS_MACHINE]) } };
}

/** Why it is no address of a proxy, after what was expected; null when it is one. Never repeats it: it may hold a password. */
function flawOf(address: string): string | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return '';
  const { username, password, pathname, search, hash } = new URL(address);
  const escaped = ', with special characters of its user and password percent-encoded';
  // A # or / in a password ends what is before it: the host would be a part of the credentials.
  if (pathname !== '/' || search !== '' || hash !== '') return `, without anything after the port${escaped}`;
  try {
    decodeURIComponent(username + password);
    return null;
  } catch {
    return escaped;
  }
}

/** `*` is all of them, and stands alone for whoever reads the list. */
function exceptOf(hosts: readonly string[]): readonly string[] {
  return hosts.includes('*') ? ['*'] : hosts;
}

function variable(env: Env, name: string): string {
  return env[name.toLowerCase()] ?? env[name] ?? '';
}

function listOf(text: string): readonly string[] {
  return text.split(/[,\s]/).filter((host) => host !== '');
}
