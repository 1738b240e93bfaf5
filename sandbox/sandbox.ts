import { createHash } from 'node:crypto';
import { type Controls, createControlApi } from './control/control-api.ts';
import { countsOf, type Open } from './counts.ts';
import { CREDENTIALS, type Credentials } from './credentials.ts';
import { createEntraApi } from './entra/entra-api.ts';
import { Tokens } from './entra/tokens.ts';
import { patchFaults, sandboxFaults } from './faults.ts';
import { createGraphApi } from './graph/graph-api.ts';
import { writeCaFile } from './https/ca-file.ts';
import { createAuthority, createServerIdentity } from './https/certificates.ts';
import { serve } from './https/serve.ts';
import { loadState, saveState } from './kept-state.ts';
import { createLogsApi } from './logs/logs-api.ts';
import { LOGS_LIMITS } from './logs/logs-limits.ts';
import { openRows } from './rows/open-rows.ts';
import { tablesOf } from './rows/tables.ts';
import type { SandboxOptions } from './sandbox-options.ts';
import type { Tip } from './stand-in.ts';
import { credentialsOf, ofEachTip, openTips, type TipName } from './stand-ins.ts';
import { readArtifactFile } from './threatstream/artifact-file.ts';
import { madeUpArtifacts } from './threatstream/made-up-artifacts.ts';
import { FaultyWire } from './wire-faults/faulty-wire.ts';

export interface SandboxUrls {
  /** Entra ID. */
  readonly authority: string;
  /** With `/v1`, as the query SDK's `endpoint` wants it. */
  readonly logs: string;
  /** With `/v1.0`. */
  readonly graph: string;
  readonly control: string;
}

/** With the names of the TIPs. */
export type AllUrls = SandboxUrls & Readonly<Record<TipName, string>>;

export interface Sandbox extends Controls {
  readonly urls: AllUrls;
  /** The certificate authority to trust: PEM text, and the file that holds it. */
  readonly ca: string;
  readonly caFile: string;
  readonly credentials: Credentials;
  /** Where the stand-ins of TIPs are, and what a client signs in with there. */
  readonly tipAccess: Readonly<
    Record<TipName, { readonly url: string; readonly credentials: Readonly<Record<string, string>> }>
  >;
  /** Saves, and ends. */
  close(): Promise<void>;
}

/**
 * Starts stand-ins for Entra ID, Log Analytics, Microsoft Graph and the TIPs on one HTTPS server. With a `stateDir` that an
 * earlier one used it goes on from there, and republishes everything, as the service does every week or so.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { seed = 1, indicators = 5_000, madeUpArtifacts: madeUp = 0, latencyMs = 0, limits = {}, stateDir } = options;
  const { port = 0, listen = '127.0.0.1', name: host = 'localhost' } = options;
  let faults = patchFaults(sandboxFaults.parse({}), options.faults ?? {});
  const now = (): Date => new Date();
  /** The workspace's clock. */
  const logsNow = (): Date => new Date(Date.now() + faults.logs.clockAheadMs);
  const kept = stateDir === undefined ? null : await loadState(stateDir);
  const { feed, ingestedOver } = options;
  const rows = await openRows({ seed, indicators, feed, ingestedOver }, kept?.rows ?? null, now());
  const artifacts = options.artifacts === undefined ? [] : await readArtifactFile(options.artifacts);
  const wire = new FaultyWire(now);
  wire.set(faults.wire);

  const tokens = new Tokens(() => faults.entra);
  let authority = '';
  const tips = openTips(
    () => faults,
    (name) => ({
      now,
      address: () => `${authority}/${name}`,
      checkToken: (header, audience) => tokens.check(header, audience),
      ...(limits.tipPerSecond === undefined ? {} : { perSecond: limits.tipPerSecond }),
      ...(kept?.tips[name] === undefined ? {} : { restore: kept.tips[name] }),
    }),
  );
  const digest = createHash('sha256').update(JSON.stringify(artifacts)).digest('hex');
  if (artifacts.length > 0) tips.threatstream.putOnce(`file ${digest}`, artifacts);
  if (madeUp > 0) tips.threatstream.putOnce(`made up ${seed} ${madeUp}`, madeUpArtifacts({ count: madeUp, seed }));
  const apis: Open = {
    entra: createEntraApi({ credentials: CREDENTIALS, tokens, faults: () => faults.entra, authority: () => authority }),
    logs: createLogsApi({
      workspaceId: CREDENTIALS.workspaceId,
      others: Object.values(tips).flatMap((tip: Tip) => tip.workspace ?? []),
      tables: tablesOf(rows, options.legacy === true),
      limits: {
        ...LOGS_LIMITS,
        concurrent: limits.logsConcurrent ?? LOGS_LIMITS.concurrent,
        per30s: limits.logsPer30s ?? LOGS_LIMITS.per30s,
      },
      latencyMs,
      checkToken: (header, audience) => tokens.check(header, audience),
      faults: () => faults.logs,
      now: logsNow,
    }),
    graph: createGraphApi({
      seed,
      checkToken: (header, audience) => ['good', 'no-permission'].includes(tokens.check(header, audience)),
      isPermitted: (header, audience) => tokens.check(header, audience) === 'good',
      faults: () => faults.graph,
      ...(limits.graphPerSecond === undefined ? {} : { perSecond: limits.graphPerSecond }),
    }),
    tips,
  };

  const certificates = kept?.authority ?? (await createAuthority());
  const controls: Controls = {
    counts: () => countsOf(apis, wire),
    tips,
    reputations: (hosts) => apis.graph.reputations(hosts),
    faults: () => faults,
    setFaults(patch) {
      faults = patchFaults(faults, patch);
      wire.set(faults.wire);
    },
    arrive: (arriving) => rows.arrive(arriving, logsNow()),
    generate({ indicators: more }) {
      const at = logsNow().getTime();
      rows.generate(seed, more, { from: at, to: at + 1 });
    },
    republish: () => rows.republish(logsNow()),
    async save() {
      if (stateDir === undefined) return;
      const saved = Object.fromEntries(Object.entries(tips).map(([name, tip]) => [name, tip.snapshot()]));
      await saveState(stateDir, { version: 2, authority: certificates, rows: rows.save(), tips: saved });
    },
  };

  const serving = await serve(
    [
      // A query holds its place among those that run at once while it waits, so the stand-in waits by itself.
      { prefix: '/logs', api: wire.before('logs', apis.logs), latencyMs: 0 },
      { prefix: '/graph', api: wire.before('graph', apis.graph), latencyMs },
      ...Object.values(ofEachTip((name) => ({ prefix: `/${name}`, api: wire.before(name, tips[name]), latencyMs }))),
      { prefix: '/control', api: createControlApi(controls), latencyMs: 0 },
      { prefix: '', api: wire.before('entra', apis.entra), latencyMs },
    ],
    await createServerIdentity(certificates, host),
    { address: listen, port },
  );
  authority = `https://${host}:${serving.port}`;
  const caFile = await writeCaFile(certificates.certificate, stateDir);
  await controls.save();

  return {
    ...controls,
    urls: {
      authority,
      logs: `${authority}/logs/v1`,
      graph: `${authority}/graph/v1.0`,
      control: `${authority}/control`,
      ...ofEachTip((name) => `${authority}/${name}`),
    },
    ca: certificates.certificate,
    caFile: caFile.path,
    credentials: CREDENTIALS,
    tipAccess: ofEachTip((name) => ({ url: `${authority}/${name}`, credentials: credentialsOf(name) })),
    async close() {
      await serving.close();
      await controls.save();
      await caFile.remove();
    },
  };
}
