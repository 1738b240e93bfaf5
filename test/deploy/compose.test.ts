import { readFile, stat } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type ComposeFile, type ComposeService, rawComposeFile, readComposeFile } from './compose-file.ts';
import { type Dockerfile, readDockerfile } from './dockerfile.ts';
import { isKnownVariable } from './known-variables.ts';

let file: ComposeFile;
let dockerfile: Dockerfile;
let services: readonly (readonly [string, ComposeService])[];

beforeAll(async () => {
  file = await readComposeFile();
  dockerfile = await readDockerfile();
  services = Object.entries(file.services);
});

/** Names of the services that a rule does not hold for. */
function breaking(rule: (service: ComposeService, name: string) => boolean): string[] {
  return services.filter(([name, service]) => !rule(service, name)).map(([name]) => name);
}

const runsOnce = ({ restart }: ComposeService): boolean => restart === 'no';

/** Its own, or that of the image that we build. */
function hasHealthcheck({ build, healthcheck }: ComposeService): boolean {
  if (healthcheck !== undefined) return !healthcheck.disable;
  return build !== undefined && dockerfile.instructions.some(([name]) => name === 'HEALTHCHECK');
}

test('it fits the Compose Specification', async () => {
  const schema: unknown = JSON.parse(await readFile('test/deploy/schemas/compose-spec.json', 'utf8'));
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(z.looseObject({}).parse(schema));
  expect(validate(await rawComposeFile()), JSON.stringify(validate.errors, null, 2)).toBe(true);
  expect(validate({ services: { a: { image: 'a', healthchek: {} } } })).toBe(false);
});

describe('images', () => {
  test('each has one version, which is pinned', () => {
    const tags = new Map<string, Set<string>>();
    for (const [, { image }] of services) {
      const [name = '', tag = ''] = image.split(':');
      tags.set(name, (tags.get(name) ?? new Set()).add(tag));
    }
    for (const [name, versions] of tags) {
      expect([...versions], name).toEqual([expect.stringMatching(/^v?\d+\.\d+/)]);
    }
    expect(tags.get('temporalio/admin-tools')).toEqual(tags.get('temporalio/server'));
  });

  test('ours is built, and has the version of the package', async () => {
    const { version } = z
      .looseObject({ version: z.string() })
      .parse(JSON.parse(await readFile('package.json', 'utf8')));
    const ours = services.filter(([, { image }]) => image.startsWith('mdti-sync:'));
    expect(ours.map(([name]) => name)).toEqual(['set-up', 'worker', 'sandbox', 'demo']);
    for (const [, { image, build }] of ours) {
      expect({ image, build }).toEqual({
        image: `mdti-sync:${version}`,
        build: { context: '.', dockerfile: 'deploy/Dockerfile' },
      });
    }
  });
});

describe('what it names', () => {
  const isPath = (source: string): boolean => source.startsWith('.');

  test('files are there', async () => {
    const named = [
      ...services.flatMap(([, { volumes }]) => volumes.map(({ source }) => source).filter(isPath)),
      ...Object.values(file.secrets).map((secret) => secret.file),
      ...services.flatMap(([, { build }]) => (build === undefined ? [] : [build.dockerfile])),
    ];
    expect(named.length).toBeGreaterThan(15);
    await Promise.all(named.map((path) => stat(path)));
  });

  test('volumes, networks and secrets are declared, and used', () => {
    const used = (names: (service: ComposeService) => readonly string[]) =>
      [...new Set(services.flatMap(([, service]) => names(service)))].sort();
    const volumes = used((service) => service.volumes.map(({ source }) => source).filter((name) => !isPath(name)));
    expect(Object.keys(file.volumes).sort()).toEqual(volumes);
    expect(['default', ...Object.keys(file.networks)].sort()).toEqual(used(({ networks }) => networks));
    expect(Object.keys(file.secrets).sort()).toEqual(used(({ secrets }) => secrets));
  });

  test('files and folders of the repository are mounted to be read only', () => {
    expect(breaking(({ volumes }) => volumes.every(({ source, readOnly }) => !isPath(source) || readOnly))).toEqual([]);
  });

  test('services that wait for each other can come to pass', () => {
    const wrong = services.flatMap(([name, { depends_on }]) =>
      Object.entries(depends_on)
        .filter(([other, { condition }]) => {
          const waitedFor = file.services[other];
          if (waitedFor === undefined) return true;
          return condition === 'service_healthy' ? !hasHealthcheck(waitedFor) : !runsOnce(waitedFor);
        })
        .map(([other]) => `${name} waits for ${other}`),
    );
    expect(wrong).toEqual([]);
  });

  test('services reach those that they name, over a network that they share', () => {
    const unreachable = services.flatMap(([name, { environment, networks }]) =>
      Object.values(environment)
        .map((value) => value.split(':')[0] ?? '')
        .filter((value) => value !== name && file.services[value] !== undefined)
        .filter((value) => !file.services[value]?.networks.some((network) => networks.includes(network)))
        .map((value) => `${name} does not reach ${value}`),
    );
    expect(unreachable).toEqual([]);
  });

  test('variables of ours are those that the program knows', () => {
    const unknown = services
      .filter(([, { build }]) => build !== undefined)
      .flatMap(([, { environment }]) => Object.keys({ ...environment, ...dockerfile.environment }))
      .filter((name) => !isKnownVariable(name));
    expect(unknown).toEqual([]);
  });
});

describe('every service', () => {
  test('that goes on has a health check and is started again; one that runs once has neither', () => {
    expect(breaking((service) => runsOnce(service) !== hasHealthcheck(service))).toEqual([]);
    expect(breaking(({ restart }) => restart === 'no' || restart === 'unless-stopped')).toEqual([]);
  });

  test('is published to this machine only, each port once', () => {
    const published = services.flatMap(([, { ports }]) => ports);
    expect(published.filter((port) => !/^127\.0\.0\.1:(\d+):\1$/.test(port))).toEqual([]);
    expect(new Set(published).size).toBe(published.length);
  });

  test('has no privilege that it does not need', () => {
    const forbidden = ['privileged', 'cap_add', 'pid', 'ipc', 'devices', 'userns_mode'];
    expect(breaking((service) => forbidden.every((key) => service[key] === undefined))).toEqual([]);
    expect(breaking(({ security_opt }) => security_opt.includes('no-new-privileges:true'))).toEqual([]);
    expect(breaking(({ volumes }) => volumes.every(({ source }) => !source.startsWith('/')))).toEqual([]);
    // The UI's image writes its configuration at its start.
    expect(breaking(({ read_only, cap_drop }) => read_only && cap_drop.includes('ALL'))).toEqual(['temporal-ui']);
  });
});

test('no password is in it: databases take theirs from files', () => {
  const inTheOpen = services.flatMap(([name, { environment }]) =>
    Object.keys(environment)
      .filter(
        (key) => /PASSWORD|PWD|SECRET|API_KEY/.test(key) && !key.endsWith('_FILE') && !key.startsWith('GF_SECURITY_'),
      )
      .map((key) => `${name}: ${key}`),
  );
  expect(inTheOpen).toEqual([]);
  const withoutFile = services
    .filter(([, { image, restart }]) => image.startsWith('postgres:') && restart !== 'no')
    .filter(([, { environment, volumes }]) => {
      const path = environment['POSTGRES_PASSWORD_FILE'] ?? '';
      return !volumes.some(({ target }) => target !== '' && path.startsWith(`${target}/`));
    });
  expect(withoutFile.map(([name]) => name)).toEqual([]);
});

describe('what is watched', () => {
  const target = z.looseObject({
    job_name: z.string(),
    dns_sd_configs: z.array(z.looseObject({ names: z.array(z.string()), port: z.number() })).default([]),
    static_configs: z.array(z.object({ targets: z.array(z.string()) })).default([]),
  });
  const prometheusFile = z.looseObject({ rule_files: z.array(z.string()), scrape_configs: z.array(target) });

  test('Prometheus looks at services where they serve their metrics', async () => {
    const prometheus = prometheusFile.parse(parse(await readFile('deploy/prometheus/prometheus.yml', 'utf8')));
    await Promise.all(prometheus.rule_files.map((name) => stat(`deploy/prometheus/${name}`)));
    const named = prometheus.scrape_configs.flatMap((config) => config.dns_sd_configs);
    const targets = [
      ...named.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
      ...prometheus.scrape_configs.flatMap((config) => config.static_configs.flatMap((each) => each.targets)),
    ];
    const portOf = (listen: string | undefined): string => listen?.split(':')[1] ?? '';
    const workerPort = portOf(dockerfile.environment['MDTI_SYNC_METRICS_LISTEN']);
    const temporalPort = portOf(file.services['temporal']?.environment['PROMETHEUS_ENDPOINT']);
    expect(targets).toEqual([`worker:${workerPort}`, `temporal:${temporalPort}`, '127.0.0.1:9090']);
  });

  test('Grafana shows what Prometheus has, from files that are mounted', async () => {
    const provisioning = 'deploy/grafana/provisioning';
    const sources = z
      .looseObject({ datasources: z.array(z.looseObject({ uid: z.string(), url: z.string() })) })
      .parse(parse(await readFile(`${provisioning}/datasources/prometheus.yaml`, 'utf8')));
    expect(sources.datasources).toEqual([
      expect.objectContaining({ uid: 'prometheus', url: 'http://prometheus:9090' }),
    ]);
    const { providers } = z
      .looseObject({ providers: z.array(z.looseObject({ options: z.looseObject({ path: z.string() }) })) })
      .parse(parse(await readFile(`${provisioning}/dashboards/files.yaml`, 'utf8')));
    const grafana = file.services['grafana'];
    const mounted = new Map(grafana?.volumes.map(({ source, target: at }) => [at, source]));
    expect(mounted.get('/etc/grafana/provisioning')).toBe(`./${provisioning}`);
    for (const { options } of providers) expect(mounted.get(options.path)).toBe('./deploy/grafana/dashboards');
    const home = grafana?.environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
    await stat(home.replace('/etc/grafana/dashboards', 'deploy/grafana/dashboards'));
  });
});
