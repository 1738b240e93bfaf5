import { isSameEnd } from './expiration.ts';
import type { ObservableForm } from './observable-form.ts';
import { changeable } from './render.ts';
import type { Intelligence } from './reply-schemas.ts';
import type { ResolvedSettings } from './threatstream-settings.ts';

/** What is not as it should be of an observable that ThreatStream holds. */
export interface Amendment {
  /** The body of its PATCH; empty for nothing. (Source: the fields that XSOAR and Google SecOps change.) */
  readonly fields: Readonly<Record<string, string | number | null>>;
  readonly addTags: readonly string[];
  readonly removeTags: readonly string[];
}

/** Never, as one client writes it. */
const NEVER = '9999-12-31T00:00:00.000Z';

interface FormsBefore {
  readonly before: ObservableForm | null;
  readonly maybes: readonly ObservableForm[];
  /** It waits for a review. */
  readonly awaits: boolean;
}

type Settings = Pick<ResolvedSettings, 'approval'>;

/**
 * From what was asked for before to what is wanted now. What was asked for and may not have been done counts as done as far as it has to be
 * undone, and as not done as far as it is wanted. `before` is null for what was set inactive since: all of it is said again. A tag in
 * another case is the same: taken off, it might take the wanted one with it.
 */
export function fromForm(
  { before, maybes, awaits }: FormsBefore,
  wanted: ObservableForm,
  settings: Settings,
): Amendment {
  const known = before === null ? maybes : [before, ...maybes];
  const isKnown = (isWanted: (form: ObservableForm) => boolean): boolean => before !== null && known.every(isWanted);
  const tagsBefore = known.map(({ tags }) => new Set(tags.map(plain)));
  const fields = fieldsOf(wanted, settings).filter(([name, value]) => {
    return !isKnown((form) => fieldsOf(form, settings).some(([other, its]) => other === name && its === value));
  });
  const isUnmarked =
    wanted.tlp === null && known.some(({ tlp }) => tlp !== null) && 'tlp' in changeable(wanted, settings);
  return {
    fields: {
      // What waits for a person is made active by nobody else.
      ...(before === null && !awaits ? { status: 'active' } : {}),
      ...Object.fromEntries(fields),
      ...(isUnmarked ? { tlp: null } : {}),
    },
    addTags: wanted.tags.filter((tag) => before === null || !tagsBefore.every((tags) => tags.has(plain(tag)))),
    removeTags: notAmong(wanted.tags, known),
  };
}

/**
 * From what ThreatStream shows to what is wanted: case and blanks of tags are its own matter. `before` is what was ours. One
 * that is not active is only set so where it does not wait for a person.
 */
export function fromCopy(
  copy: Intelligence,
  wanted: ObservableForm,
  before: readonly ObservableForm[],
  mayWait: boolean,
  settings: Settings,
): Amendment {
  const shown = new Set(copy.tags.map(plain));
  // What is not shown is not known to be otherwise.
  const isShown = ([name, value]: readonly [string, string | number]): boolean => {
    if (name === 'tlp') return !copy.showsTlp || copy.tlp === value;
    if (name === 'expiration_ts') return copy.expiration === null || isSameEnd(copy.expiration, wanted.expiration);
    const known = { itype: copy.itype, confidence: copy.confidence, severity: copy.severity }[name] ?? null;
    return known === null || known === value;
  };
  const isInactive = copy.status !== null && copy.status !== 'active' && !mayWait;
  const isUnmarked = wanted.tlp === null && copy.tlp !== null && before.some(({ tlp }) => tlp === copy.tlp);
  return {
    fields: {
      ...(isInactive ? { status: 'active' } : {}),
      ...Object.fromEntries(fieldsOf(wanted, settings).filter((field) => !isShown(field))),
      ...(isUnmarked ? { tlp: null } : {}),
    },
    addTags: copy.showsTags ? wanted.tags.filter((tag) => !shown.has(plain(tag))) : [],
    removeTags: notAmong(wanted.tags, before).filter((tag) => shown.has(plain(tag))),
  };
}

export function isNothing({ fields, addTags, removeTags }: Amendment): boolean {
  return Object.keys(fields).length + addTags.length + removeTags.length === 0;
}

/** An end can be changed of what is active only: of what is not, it is declined, or left as it was. (Source: Google SecOps's client.) */
export function isOnlyTheEnd({ fields, addTags, removeTags }: Amendment): boolean {
  return addTags.length + removeTags.length === 0 && Object.keys(fields).join() === 'expiration_ts';
}

const THEIRS: ReadonlySet<string> = new Set(['confidence', 'severity', 'tlp']);

/**
 * Whether what is left after it was asked for may stay: ThreatStream scores domains, addresses and URLs by itself in some settings, and
 * may keep a stricter marking.
 */
export function isTolerable({ fields, addTags, removeTags }: Amendment): boolean {
  return addTags.length + removeTags.length === 0 && Object.keys(fields).every((name) => THEIRS.has(name));
}

function fieldsOf(form: ObservableForm, settings: Settings): (readonly [string, string | number])[] {
  const { itype, confidence, severity, expiration, tlp } = form;
  const end = expiration === 'null' ? NEVER : `${expiration}Z`;
  return [
    ['itype', itype],
    ['confidence', confidence],
    // What counts from the sending was said when it was sent.
    ...(expiration.startsWith('+') ? [] : [['expiration_ts', end] as const]),
    ...(severity === null ? [] : [['severity', severity] as const]),
    ...(tlp === null || !('tlp' in changeable(form, settings)) ? [] : [['tlp', tlp] as const]),
  ];
}

/** The tags of forms that are none of these. */
function notAmong(wanted: readonly string[], forms: readonly ObservableForm[]): string[] {
  const kept = new Set(wanted.map(plain));
  return [...new Set(forms.flatMap(({ tags }) => tags))].filter((tag) => !kept.has(plain(tag)));
}

function plain(tag: string): string {
  return tag.replace(/\s+/g, ' ').trim().toLowerCase();
}
