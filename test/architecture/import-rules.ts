import { type Import, ROOMS } from './source-files.ts';

type Room = (typeof ROOMS)[number];

interface Permission {
  readonly types?: true;
  /** Only these files of the importing room, or what is in these folders of it. */
  readonly in?: readonly string[];
  /** Of the imported room, values may come from these files only; types from any. */
  readonly valuesOf?: readonly string[];
}

/** Who may import whom; what is not here may not. The pictures are in the README and in CONTRIBUTING. */
const MAY_IMPORT: Readonly<Record<Room, Partial<Record<Room, Permission>>>> = {
  indicators: {},
  settings: {},
  exchange: {},
  http: { indicators: {} },
  ledger: { indicators: {} },
  rates: { indicators: {}, ledger: {} },
  azure: { indicators: {}, http: {}, settings: {} },
  sentinel: { indicators: {}, http: {}, azure: {}, rates: { types: true } },
  mdti: { indicators: {}, http: {}, azure: {}, rates: { types: true } },
  destinations: {
    indicators: {},
    settings: {},
    http: {},
    azure: { in: ['destinations/destination-deps.ts', 'destinations/sentinel-upload/'] },
    rates: { types: true },
  },
  config: { indicators: {}, settings: {}, destinations: { valuesOf: ['destinations/kinds.ts'] } },
  delivery: { indicators: {}, destinations: {}, ledger: {} },
  enrichment: { indicators: {}, destinations: {}, ledger: {}, delivery: {} },
  activities: {
    indicators: {},
    sentinel: {},
    mdti: {},
    destinations: {},
    ledger: {},
    delivery: {},
    enrichment: {},
    exchange: {},
    config: {},
  },
  workflows: { indicators: {}, activities: { types: true } },
  worker: {
    indicators: {},
    settings: {},
    http: {},
    azure: {},
    rates: {},
    sentinel: {},
    mdti: {},
    destinations: {},
    ledger: {},
    config: {},
    delivery: { types: true },
    enrichment: {},
    activities: {},
    workflows: {},
  },
  client: {
    indicators: {},
    settings: {},
    http: {},
    exchange: {},
    config: {},
    destinations: { valuesOf: ['destinations/kinds.ts', 'destinations/csv-row.ts'] },
    workflows: { valuesOf: ['workflows/names.ts', 'workflows/search-attributes.ts', 'workflows/handles.ts'] },
    // Where a ledger is, and how folders are made: the command line never opens one.
    ledger: { valuesOf: ['ledger/server-address.ts', 'ledger/make-folder.ts'] },
    worker: { in: ['client/cli/demo.ts', 'client/cli/worker.ts'] },
    sandbox: { in: ['client/cli/demo.ts', 'client/cli/sandbox.ts'] },
  },
  sandbox: {},
};

/** The domain is pure: of Node.js it uses what computes, nothing that reads, waits or chances. */
const PURE_BUILTINS: ReadonlySet<string> = new Set(['node:url', 'node:crypto']);

/** A sentence when the import breaks a rule, else null. */
export function violationOf({ from, to, typeOnly }: Import): string | null {
  const room = roomOf(from);
  if (room === null) return null;
  if (to.startsWith('node:')) return builtinViolation(room, from, to);
  const target = roomOf(to);
  if (target === null || target === room) return null;
  const permission = MAY_IMPORT[room][target];
  if (permission === undefined) return `${from} imports ${to}: ${room} may not import ${target}`;
  if (permission.types === true && !typeOnly)
    return `${from} imports ${to}: ${room} may import only types of ${target}`;
  if (
    permission.in !== undefined &&
    !permission.in.some((place) => from === place || (place.endsWith('/') && from.startsWith(place)))
  ) {
    return `${from} imports ${to}: in ${room}, only ${permission.in.join(' and ')} may import ${target}`;
  }
  if (permission.valuesOf !== undefined && !typeOnly && !permission.valuesOf.includes(to)) {
    return `${from} imports ${to}: ${room} may import only types of it`;
  }
  return null;
}

function builtinViolation(room: Room, from: string, to: string): string | null {
  if (room === 'workflows') return `${from} imports ${to}: workflow code is deterministic and has no Node.js`;
  if (room === 'indicators' && !PURE_BUILTINS.has(to)) return `${from} imports ${to}: the domain is pure`;
  return null;
}

function roomOf(path: string): Room | null {
  return ROOMS.find((room) => path.startsWith(`${room}/`)) ?? null;
}

/** The files of one import cycle, the first of them again at the end; null when there is none. */
export function cycleIn(imports: readonly Import[]): readonly string[] | null {
  const next = new Map<string, Import[]>();
  for (const each of imports) next.set(each.from, [...(next.get(each.from) ?? []), each]);
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const { to } of next.get(file) ?? []) {
      const cycle = visit(to, [...trail, file]);
      if (cycle !== null) return cycle;
    }
    done.add(file);
    return null;
  };
  for (const file of next.keys()) {
    const cycle = visit(file, []);
    if (cycle !== null) return cycle;
  }
  return null;
}
