import type { z } from 'zod';
import type { Policy } from '../indicators/policy.ts';
import type { Secret } from '../settings/secret.ts';
import { type PlacedRef, refsIn, type Secrets } from '../settings/secrets.ts';
import type { ArtifactStore } from './artifacts.ts';
import type { Destination } from './destination.ts';
import type { DestinationDeps, KindSection } from './destination-deps.ts';
import type { ArtifactDeps, Enrichment, WrittenBesides } from './enrichment.ts';

/** What is wrong, or allowed and yet seldom meant: a setting, and the end of a sentence that begins with it. */
export interface SettingRemark {
  readonly setting: string;
  readonly sentence: string;
}

/** Of a configuration, what the settings of a destination may contradict. */
export interface Beside {
  /** The Azure cloud. */
  readonly cloud: string;
  /** What the pipelines read, by their names. */
  readonly sources: ReadonlyMap<string, { readonly workspaceId: string; readonly sourceSystems: readonly string[] }>;
}

/** A file that the settings name. */
export interface SettingFile {
  /** From the destination on: `certificate.path`. */
  readonly setting: string;
  readonly path: string;
  /** Why it will not do, as the end of a sentence with what to do; null when it will. */
  readonly problem: (text: string, now: Date) => string | null;
}

/** Everything that is known of a kind of destination; its settings are declared in one zod section. */
export interface KindSpec<S extends KindSection> {
  /** As people call it: `Anomali ThreatStream`. */
  readonly title: string;
  /** `beta` until it was seen at work with a real one. */
  readonly stability: 'stable' | 'beta';
  readonly section: S;
  /** Addresses that have to be reached, for the firewall's list. */
  hosts(settings: z.output<S>): readonly string[];
  /** What its account has to be allowed, a sentence each. */
  permissions(settings: z.output<S>): readonly string[];
  warnings?(settings: z.output<S>, policy: Policy): readonly SettingRemark[];
  /** What is wrong with the settings beside the rest of the configuration: settings of the destination itself. */
  problems?(settings: z.output<S>, beside: Beside): readonly SettingRemark[];
  /** Whose rate it is, whichever pipeline uses it: a key to compare and to keep, not to be shown. */
  account(settings: z.output<S>, secrets: Secrets): string;
  /**
   * Who owns what it holds, as far as the settings say: pipelines with the same one share that. Absent: those with the same account do.
   * Null: none do, each has its own there.
   */
  tenant?(settings: z.output<S>, deployment: string): string | null | undefined;
  /** Files that have to be there, and be right, before anything is begun. */
  files?(settings: z.output<S>, secrets: Secrets): readonly SettingFile[];
  /** Requests in a second that its account allows. */
  requestsPerSecond(settings: z.output<S>): number;
  create(settings: z.output<S>, secrets: Secrets, deps: DestinationDeps): Destination;
  /** How what it holds can be enriched. Absent: it cannot. */
  readonly enrichment?: Enrichment<S>;
  /** As the demo uses it. */
  readonly demo: (at: DemoPlace) => DemoSettings<S>;
}

/** Where the demo's destination is: a stand-in of the TIP, where there is one, and a folder of its own. */
export interface DemoPlace {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly folder: string;
}

export interface DemoSettings<S extends KindSection = KindSection> {
  readonly destination: z.input<S>;
  /** What its references to secrets stand for. */
  readonly env: Readonly<Record<string, string>>;
}

/** A destination with the settings of a pipeline. */
export interface ChosenDestination {
  readonly type: string;
  readonly title: string;
  readonly stability: 'stable' | 'beta';
  readonly hosts: readonly string[];
  readonly permissions: readonly string[];
  readonly requestsPerSecond: number;
  /** As they are written, with every default. */
  readonly settings: object;
  /** References to secrets, from the destination on. */
  readonly secrets: readonly PlacedRef[];
  warnings(policy: Policy): readonly SettingRemark[];
  problems(beside: Beside): readonly SettingRemark[];
  /** Null where what it holds cannot be enriched. */
  readonly enrichment: ChosenEnrichment | null;
  /** Once its secrets are read. */
  ready(secrets: Secrets, deployment: string): ReadyDestination;
}

/** How what a destination holds is enriched. */
export interface ChosenEnrichment {
  readonly writes: readonly WrittenBesides[];
  readonly permissions: readonly string[];
  /** Reads `select` of the configuration. */
  select(
    raw: unknown,
  ):
    | { readonly ok: true; readonly selection: ChosenSelection }
    | { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };
}

/** What is enriched there. */
export interface ChosenSelection {
  /** As it is written, with every default: what is selected is another thing exactly when this is. */
  readonly shown: unknown;
  open(secrets: Secrets, deps: ArtifactDeps): ArtifactStore;
}

/** One that can be made. */
export interface ReadyDestination extends Omit<ChosenDestination, 'ready' | 'secrets' | 'enrichment'> {
  /** By where their references stand. */
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly account: string;
  readonly tenant: string | null | undefined;
  readonly files: readonly SettingFile[];
  create(deps: DestinationDeps): Destination;
}

/** A kind as the configuration takes it: what is written there becomes a `ChosenDestination`. */
export function destinationKind<S extends KindSection>(spec: KindSpec<S>) {
  const { title, stability, section, demo, enrichment } = spec;
  const { value: type } = section.shape.type;
  return {
    type,
    title,
    stability,
    settings: section,
    /** `select` of a pipeline that enriches what it holds. */
    select: enrichment?.select,
    demo,
    section: section.transform((settings) => chosen(spec, settings)),
  };
}

function chosen<S extends KindSection>(spec: KindSpec<S>, settings: z.output<S>): ChosenDestination {
  const known = {
    type: settings.type,
    title: spec.title,
    stability: spec.stability,
    hosts: spec.hosts(settings),
    permissions: spec.permissions(settings),
    requestsPerSecond: spec.requestsPerSecond(settings),
    settings,
    warnings: (policy: Policy) => spec.warnings?.(settings, policy) ?? [],
    problems: (beside: Beside) => spec.problems?.(settings, beside) ?? [],
  };
  const refs = refsIn(settings);
  return {
    ...known,
    enrichment: spec.enrichment === undefined ? null : chosenEnrichment(spec.enrichment, settings),
    secrets: refs,
    ready: (secrets, deployment) => ({
      ...known,
      secrets: new Map(refs.map(({ path, ref }) => [path, secrets(ref)])),
      account: spec.account(settings, secrets),
      tenant: spec.tenant?.(settings, deployment),
      files: spec.files?.(settings, secrets) ?? [],
      create: (deps) => spec.create(settings, secrets, deps),
    }),
  };
}

function chosenEnrichment<S extends KindSection>(enrichment: Enrichment<S>, settings: z.output<S>): ChosenEnrichment {
  return {
    writes: enrichment.writes,
    permissions: enrichment.permissions,
    select(raw) {
      const read = enrichment.read(raw);
      if (!read.ok) return read;
      const { selection } = read;
      const open: ChosenSelection['open'] = (secrets, deps) => selection.open(settings, secrets, deps);
      return { ok: true, selection: { shown: selection.shown, open } };
    },
  };
}
