import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const COMPOSE_FILE = 'docker-compose.temporal.yml';

const mount = z.union([
  z.string().transform((text) => {
    const [source = '', target = '', mode = 'rw'] = withDefaults(text).split(':');
    return { source, target, readOnly: mode === 'ro' };
  }),
  z
    .looseObject({ source: z.string(), target: z.string(), read_only: z.boolean().default(false) })
    .transform(({ source, target, read_only }) => ({ source: withDefaults(source), target, readOnly: read_only })),
]);

const service = z.looseObject({
  image: z.string(),
  build: z.looseObject({ context: z.string(), dockerfile: z.string() }).optional(),
  profiles: z.array(z.string()).default([]),
  restart: z.string(),
  user: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
  volumes: z.array(mount).default([]),
  secrets: z.array(z.string()).default([]),
  networks: z.array(z.string()).default(['default']),
  ports: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ disable: z.boolean().default(false) }).optional(),
});
export type ComposeService = z.infer<typeof service>;

const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.unknown()),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string().transform(withDefaults) })),
});
export type ComposeFile = z.infer<typeof composeFile>;

/** The file as YAML reads it, with its anchors and merges resolved. */
export async function rawComposeFile(): Promise<unknown> {
  return parse(await readFile(COMPOSE_FILE, 'utf8'), { merge: true });
}

/** What the tests look at; variables have their defaults. */
export async function readComposeFile(): Promise<ComposeFile> {
  return composeFile.parse(await rawComposeFile());
}

/** `${NAME:-default}` as its default. */
function withDefaults(text: string): string {
  return text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
}
