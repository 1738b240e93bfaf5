import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const patch = z.strictObject({
  path: z.string().optional(),
  patch: z.string().optional(),
  target: z.strictObject({ kind: z.string(), name: z.string() }).optional(),
});

const kustomization = z.strictObject({
  apiVersion: z.string(),
  kind: z.enum(['Kustomization', 'Component']),
  namespace: z.string().optional(),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  labels: z.array(z.strictObject({ pairs: z.record(z.string(), z.string()) })).default([]),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).default([]),
  configMapGenerator: z
    .array(
      z.strictObject({
        name: z.string(),
        files: z.array(z.string()).default([]),
        literals: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  patches: z.array(patch).default([]),
});

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
export type Manifest = z.infer<typeof manifest>;

export interface Kustomized {
  readonly resources: readonly Manifest[];
  /** Strategic merge patches, as they are written; and what the others aim at. */
  readonly patches: readonly Manifest[];
  readonly targets: readonly { readonly kind: string; readonly name: string }[];
  readonly configMaps: readonly {
    readonly name: string;
    readonly files: Readonly<Record<string, string>>;
    readonly literals: Readonly<Record<string, string>>;
  }[];
  readonly images: z.infer<typeof kustomization>['images'];
}

/** What a folder's `kustomization.yaml` names, with the folders that it builds on. Throws for a file that is not there. */
export async function readKustomized(folder: string): Promise<Kustomized> {
  const own = kustomization.parse(parse(await readFile(`${folder}/kustomization.yaml`, 'utf8')));
  const isFolder = (name: string): boolean => !/\.ya?ml$/.test(name);
  const below = await Promise.all(
    [...own.resources.filter(isFolder), ...own.components].map((name) => readKustomized(posix.join(folder, name))),
  );
  const read = (names: readonly string[]) => Promise.all(names.map((name) => readManifests(posix.join(folder, name))));
  const resources = (await read(own.resources.filter((name) => !isFolder(name)))).flat();
  const patches = (await read(own.patches.flatMap(({ path }) => path ?? []))).flat();
  const configMaps = await Promise.all(
    own.configMapGenerator.map(async ({ name, files, literals }) => ({
      name,
      files: Object.fromEntries(
        await Promise.all(files.map(async (file) => [file, await readFile(posix.join(folder, file), 'utf8')] as const)),
      ),
      literals: Object.fromEntries(
        literals.map((literal) => [literal.split('=')[0] ?? '', literal.replace(/^[^=]*=/, '')]),
      ),
    })),
  );
  return {
    resources: [...below.flatMap((each) => each.resources), ...resources],
    patches: [...below.flatMap((each) => each.patches), ...patches],
    targets: [...below.flatMap((each) => each.targets), ...own.patches.flatMap(({ target }) => target ?? [])],
    configMaps: [...below.flatMap((each) => each.configMaps), ...configMaps],
    images: [...below.flatMap((each) => each.images), ...own.images],
  };
}

async function readManifests(path: string): Promise<Manifest[]> {
  const documents = parseAllDocuments(await readFile(path, 'utf8'), { merge: true });
  if (!Array.isArray(documents)) throw new Error(`${path} is empty.`);
  return documents.map((document) => manifest.parse(document.toJS()));
}
