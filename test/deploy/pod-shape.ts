import { z } from 'zod';
import type { Manifest } from './kustomization.ts';

const probe = z.looseObject({ httpGet: z.strictObject({ path: z.string(), port: z.string() }) });

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.number() })).default([]),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) })).default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  resources: z.looseObject({
    requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
    limits: z.strictObject({ memory: z.string() }),
  }),
  securityContext: z.looseObject({}),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
});

const template = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    serviceAccountName: z.string(),
    terminationGracePeriodSeconds: z.number().optional(),
    securityContext: z.looseObject({}),
    initContainers: z.array(container).default([]),
    containers: z.array(container),
    volumes: z.array(
      z.looseObject({
        name: z.string(),
        configMap: z.strictObject({ name: z.string() }).optional(),
        secret: z.looseObject({ secretName: z.string() }).optional(),
      }),
    ),
  }),
});

const workload = z.looseObject({ spec: z.looseObject({ template }) });

/** The pod of a Deployment or a Job. */
export function podOf(manifest: Manifest): z.infer<typeof template> {
  return workload.parse(manifest).spec.template;
}

export type Pod = ReturnType<typeof podOf>;

export function containersOf({ spec }: Pod): readonly z.infer<typeof container>[] {
  return [...spec.initContainers, ...spec.containers];
}
