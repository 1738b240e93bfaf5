import { parseConfig } from '../../config/parse-config.ts';
import { formatProblems } from '../../config/problem.ts';

export const SMALL = `
azure: { credential: managedIdentity }
pipelines:
  threatstream:
    schedule: { every: 15m }
    source:
      workspaceId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee
    policy:
      minimumScore: 75
    destination:
      type: threatstream
      user: { env: THREATSTREAM_USER }
      apiKey: { file: /run/secrets/key }
`;

export function parsed(text: string) {
  const result = parseConfig(text, 'mdti-sync.yaml');
  if (!result.ok) throw new Error(formatProblems(result.problems, 'mdti-sync.yaml'));
  return result;
}

export function problems(text: string) {
  const result = parseConfig(text, 'mdti-sync.yaml');
  return result.ok ? [] : result.problems;
}

/** SMALL with one piece of it replaced. */
export function changed(line: string, by: string): string {
  if (!SMALL.includes(line)) throw new Error(`no such line: ${line}`);
  return SMALL.replace(line, by);
}
