import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Config } from '../../config/config-schema.ts';
import { parseConfig } from '../../config/parse-config.ts';
import { type Dockerfile, readDockerfile } from './dockerfile.ts';
import { isKnownVariable } from './known-variables.ts';
import { type Kustomized, type Manifest, readKustomized } from './kustomization.ts';
import { containersOf, type Pod, podOf } from './pod-shape.ts';

const FOLDER = 'deploy/kubernetes';

const selector = z.strictObject({ matchLabels: z.record(z.string(), z.string()) });

let production: Kustomized;
let components: readonly Kustomized[];
let everything: readonly Manifest[];
let dockerfile: Dockerfile;
let pods: readonly Pod[];
let worker: Pod;
let config: Config;

beforeAll(async () => {
  production = await readKustomized(`${FOLDER}/overlays/production`);
  components = await Promise.all(
    ['keda', 'pod-monitor', 'ledger-owner'].map((name) => readKustomized(`${FOLDER}/components/${name}`)),
  );
  everything = [...production.resources, ...components.flatMap(({ resources }) => resources)];
  dockerfile = await readDockerfile();
  worker = podOf(only('Deployment'));
  config = exampleConfig();
  pods = [worker, ...everything.filter(({ kind }) => kind === 'Job').map(podOf)];
});

function only(kind: string): Manifest {
  const found = everything.filter((each) => each.kind === kind);
  if (found[0] === undefined || found.length > 1) throw new Error(`There are ${found.length} of kind ${kind}.`);
  return found[0];
}

function exampleText(): string {
  return production.configMaps.flatMap(({ files }) => Object.values(files))[0] ?? '';
}

function exampleConfig(): Config {
  const parsed = parseConfig(exampleText(), 'mdti-sync.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(parsed.warnings).toEqual([]);
  return parsed.config;
}

function isSelected(matchLabels: Readonly<Record<string, string>>, { metadata }: Pod): boolean {
  return Object.entries(matchLabels).every(([name, value]) => metadata.labels[name] === value);
}

describe('the manifests', () => {
  const ofOperators = {
    'keda.sh/v1alpha1/ScaledObject': z.strictObject({
      scaleTargetRef: z.strictObject({ name: z.string() }),
      minReplicaCount: z.number().min(1),
      maxReplicaCount: z.number(),
      cooldownPeriod: z.number(),
      advanced: z.looseObject({}),
      triggers: z.array(
        z.strictObject({
          type: z.literal('temporal'),
          // All of them texts (keda.sh/docs/latest/scalers/temporal).
          metadata: z.strictObject({
            endpoint: z.string().regex(/:\d+$/),
            namespace: z.string(),
            taskQueue: z.string(),
            queueTypes: z.literal('workflow,activity'),
            targetQueueSize: z.string().regex(/^\d+$/),
          }),
        }),
      ),
    }),
    'monitoring.coreos.com/v1/PodMonitor': z.strictObject({
      jobLabel: z.string(),
      selector,
      podMetricsEndpoints: z.array(z.strictObject({ port: z.string(), interval: z.string() })),
    }),
  } as const;

  test('fit the schemas of Kubernetes, and those of the operators', async () => {
    const schema = z
      .looseObject({ $defs: z.record(z.string(), z.looseObject({})) })
      .parse(JSON.parse(await readFile('test/deploy/schemas/kubernetes.json', 'utf8')));
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    ajv.addSchema(schema, 'kubernetes');
    const operators = new Map<string, z.ZodType>(Object.entries(ofOperators));
    for (const manifest of everything) {
      const { apiVersion, kind } = manifest;
      const operator = operators.get(`${apiVersion}/${kind}`);
      if (operator !== undefined) {
        operator.parse(manifest['spec']);
        continue;
      }
      const group = (apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`)
        .replace('.k8s.io', '')
        .replace('/', '.');
      const validate = ajv.getSchema(`kubernetes#/$defs/io.k8s.api.${group}.${kind}`);
      if (validate === undefined) throw new Error(`There is no schema of ${apiVersion} ${kind}.`);
      expect(validate(manifest), `${kind}: ${JSON.stringify(validate.errors, null, 2)}`).toBe(true);
      expect(validate({ ...manifest, specs: {} })).toBe(false);
    }
    expect(everything.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Job',
      'Job',
      'Namespace',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'PodMonitor',
      'ScaledObject',
      'ServiceAccount',
    ]);
  });

  test('are patched where they are', () => {
    const names = new Set(everything.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    const aims = [
      ...production.patches.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ...[production, ...components].flatMap(({ targets }) => targets).map(({ kind, name }) => `${kind} ${name}`),
    ];
    expect(aims.length).toBeGreaterThan(2);
    expect(aims.filter((aim) => !names.has(aim))).toEqual([]);
  });

  test('find each other: accounts, selectors, ports, targets', () => {
    for (const { spec } of pods) expect(spec.serviceAccountName).toBe(only('ServiceAccount').metadata.name);
    const withSelector = z.looseObject({ spec: z.looseObject({ selector }) });
    for (const kind of ['Deployment', 'PodDisruptionBudget', 'PodMonitor']) {
      const { matchLabels } = withSelector.parse(only(kind)).spec.selector;
      expect(
        pods.map((pod) => isSelected(matchLabels, pod)),
        kind,
      ).toEqual([true, false, false]);
    }
    const scaled = ofOperators['keda.sh/v1alpha1/ScaledObject'].parse(only('ScaledObject')['spec']);
    expect(scaled.scaleTargetRef.name).toBe(only('Deployment').metadata.name);
    const [container] = worker.spec.containers;
    const ports = new Map(container?.ports.map(({ name, containerPort }) => [name, containerPort]));
    expect([...ports.values()]).toEqual(dockerfile.ports);
    const monitor = ofOperators['monitoring.coreos.com/v1/PodMonitor'].parse(only('PodMonitor')['spec']);
    expect(monitor.podMetricsEndpoints.map(({ port }) => ports.get(port))).toEqual([9464]);
    const label = worker.metadata.labels[monitor.jobLabel];
    // As the alerts and the dashboard have it.
    expect(label).toBe('mdti-sync');
  });

  test('let the network through to what is needed, and to nothing else', () => {
    const ports = z.array(z.strictObject({ port: z.number(), protocol: z.enum(['TCP', 'UDP']) })).min(1);
    const policy = z
      .looseObject({
        podSelector: selector,
        policyTypes: z.array(z.string()),
        ingress: z.array(z.looseObject({ from: z.array(z.unknown()).min(1), ports })),
        egress: z.array(z.looseObject({ ports })),
      })
      .parse(only('NetworkPolicy')['spec']);
    expect(pods.filter((pod) => !isSelected(policy.podSelector.matchLabels, pod))).toEqual([]);
    expect(policy.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(policy.ingress.flatMap((rule) => rule.ports.map(({ port }) => port))).toEqual([9464]);
    expect(policy.egress.flatMap((rule) => rule.ports.map(({ port }) => port))).toEqual([53, 53, 443, 5432, 7233]);
  });
});

describe('every pod', () => {
  test('is closed', () => {
    for (const { spec } of pods) {
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
    }
    for (const { name, securityContext } of pods.flatMap(containersOf)) {
      expect(securityContext, name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  test('runs the image that the overlay names, with commands and variables that there are', async () => {
    const { version } = z
      .looseObject({ version: z.string() })
      .parse(JSON.parse(await readFile('package.json', 'utf8')));
    const images = production.images.map(({ name, newTag }) => ({ name, newTag }));
    expect(images).toEqual([{ name: 'mdti-sync', newTag: version }]);
    for (const { image, args, env } of pods.flatMap(containersOf)) {
      expect(image).toBe('mdti-sync');
      await readFile(`client/cli/${args[0]}.ts`);
      expect(env.filter(({ name }) => !isKnownVariable(name))).toEqual([]);
    }
    expect(pods.flatMap(containersOf).map(({ args }) => args.join(' '))).toEqual([
      'worker',
      'config check',
      'setup',
      'schedule apply',
      'worker --migrate-only',
    ]);
  });

  test('has the configuration and the secrets where the program looks for them', () => {
    const generated = new Map(production.configMaps.map((each) => [each.name, each]));
    for (const pod of pods) {
      const { volumes } = pod.spec;
      for (const { volumeMounts, envFrom } of containersOf(pod)) {
        const paths = new Map(
          volumeMounts.map(({ name, mountPath }) => [mountPath, volumes.find((each) => each.name === name)]),
        );
        expect([...paths.values()]).not.toContain(undefined);
        expect(paths.get('/run/secrets/mdti-sync')?.secret?.secretName).toMatch(/^mdti-sync(-ledger-owner)?$/);
        const configMap = generated.get(paths.get('/etc/mdti-sync')?.configMap?.name ?? '');
        const file = dockerfile.environment['MDTI_SYNC_CONFIG']?.replace('/etc/mdti-sync/', '') ?? '';
        expect(Object.keys(configMap?.files ?? {})).toEqual([file]);
        const variables = envFrom.flatMap(({ configMapRef }) =>
          Object.keys(generated.get(configMapRef.name)?.literals ?? {}),
        );
        expect(variables.filter((name) => !isKnownVariable(name))).toEqual([]);
        if (envFrom.length > 0) expect(variables).toContain('TEMPORAL_ADDRESS');
      }
    }
  });
});

test('the worker is asked for its health where it serves it, and has time to stop', () => {
  const [container] = worker.spec.containers;
  const paths = [container?.startupProbe, container?.readinessProbe, container?.livenessProbe].map(
    (probe) => probe?.httpGet,
  );
  expect(paths).toEqual([
    { path: '/readyz', port: 'health' },
    { path: '/readyz', port: 'health' },
    { path: '/healthz', port: 'health' },
  ]);
  expect(worker.spec.terminationGracePeriodSeconds).toBeGreaterThan(config.worker.stopWithin / 1_000 + 5);
});

test('the configuration of the example is right, and its secrets are files that are mounted', () => {
  const files = Array.from(exampleText().matchAll(/\{ file: ([^ ]+) \}/g), ([, path = '']) => path);
  expect(files.length).toBe(3);
  expect(files.filter((path) => !path.startsWith('/run/secrets/mdti-sync/'))).toEqual([]);
  const scaled = z
    .looseObject({ triggers: z.array(z.looseObject({ metadata: z.record(z.string(), z.string()) })) })
    .parse(only('ScaledObject')['spec']);
  const literals = production.configMaps
    .map((each) => each.literals)
    .find((each) => each['TEMPORAL_ADDRESS'] !== undefined);
  expect(scaled.triggers[0]?.metadata).toMatchObject({
    taskQueue: config.temporal.taskQueue,
    endpoint: literals?.['TEMPORAL_ADDRESS'],
    namespace: literals?.['TEMPORAL_NAMESPACE'],
  });
});
