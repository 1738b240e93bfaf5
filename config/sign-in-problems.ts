import { clientCertificateProblem } from '../settings/certificate-files.ts';
import type { Env, ReadFile } from '../settings/read-secret.ts';
import type { Secret } from '../settings/secret.ts';
import type { Config } from './config-schema.ts';
import { fileProblems } from './file-problems.ts';

/** How mdti-sync signs in, with the secret in the place of its reference. */
type SignIn = Pick<Config['azure'], 'credential' | 'certificatePath'> & { readonly certificatePassword?: Secret };

/** What the SDK reads by itself. (Source: `@azure/identity` 4.13, EnvironmentCredential.) */
const VARIABLES = [
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
] as const;

/** What the way to sign in needs beside its settings, in sentences. */
export async function signInProblems(
  azure: SignIn,
  env: Env,
  readFile: ReadFile,
  now: Date,
): Promise<readonly string[]> {
  switch (azure.credential) {
    case 'clientSecret':
    case 'managedIdentity':
      return [];
    case 'clientCertificate': {
      const { certificatePath: file, certificatePassword: password } = azure;
      if (file === undefined) return [];
      return fileProblems('azure.certificatePath', file, readFile, (pem) =>
        clientCertificateProblem(pem, password?.reveal(), now),
      );
    }
    case 'workloadIdentity':
      return tokenFileProblems(env['AZURE_FEDERATED_TOKEN_FILE'] ?? '', readFile);
    case 'default':
      return environmentProblems(env, readFile, now);
  }
}

async function tokenFileProblems(file: string, readFile: ReadFile): Promise<readonly string[]> {
  if (file === '') {
    return [
      'azure.credential: workloadIdentity needs the environment variable AZURE_FEDERATED_TOKEN_FILE. Kubernetes sets it in a pod that has the label azure.workload.identity/use.',
    ];
  }
  return fileProblems('AZURE_FEDERATED_TOKEN_FILE', file, readFile, (token) =>
    token.trim() === '' ? 'is empty: expected the token that Kubernetes puts there.' : null,
  );
}

async function environmentProblems(env: Env, readFile: ReadFile, now: Date): Promise<readonly string[]> {
  const broken = VARIABLES.filter((name) => /[\r\n]/.test(env[name] ?? ''));
  if (broken.length > 0) {
    return broken.map(
      (name) => `azure.credential: the environment variable ${name} has a line break in it. Set it without one.`,
    );
  }
  const has = (name: (typeof VARIABLES)[number]): boolean => (env[name] ?? '') !== '';
  const file = env['AZURE_CLIENT_CERTIFICATE_PATH'] ?? '';
  // A secret goes before a certificate, and neither is looked at without the other two.
  if (file === '' || has('AZURE_CLIENT_SECRET') || !has('AZURE_TENANT_ID') || !has('AZURE_CLIENT_ID')) return [];
  const password = env['AZURE_CLIENT_CERTIFICATE_PASSWORD'];
  return fileProblems('AZURE_CLIENT_CERTIFICATE_PATH', file, readFile, (pem) =>
    clientCertificateProblem(pem, password, now, 'AZURE_CLIENT_CERTIFICATE_PASSWORD'),
  );
}
