import { instantOf } from '../instant.ts';
import { textOf } from '../stix-object.ts';
import { patternFault } from './pattern-fault.ts';

type Sent = Readonly<Record<string, unknown>>;

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  indicator: ['pattern', 'pattern_type'],
  identity: ['name'],
};
const ID = /^[a-z][a-z\d-]*--[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const INSTANTS = ['created', 'modified', 'valid_from', 'valid_until'];

/**
 * What is wrong with an object, in the words of python-stix2 as far as it checks indicators, identities and markings; null: nothing.
 * Objects of other types pass. (Source: OpenTAXII, `validate_envelope`; stix2 3.0.2, and what it said when it was run.)
 */
export function objectFault(sent: Sent): string | null {
  const type = textOf(sent, 'type');
  if (type === undefined) return `Can't parse object with no 'type' property: ${JSON.stringify(sent)}`;
  const name = classOf(type);
  if (name === null) return null;
  const invalid = (property: string, words: string): string => `Invalid value for ${name} '${property}': ${words}`;
  // Without a `spec_version` it is one of STIX 2.0, which wanted other things.
  const required = 'spec_version' in sent || type !== 'indicator' ? REQUIRED[type] : ['labels'];
  const missing = (required ?? []).filter((property) => !(property in sent));
  if (missing.length > 0) return `No values for required properties for ${name}: (${missing.join(', ')}).`;
  const id = textOf(sent, 'id');
  if (id !== undefined && !id.startsWith(`${type}--`)) return invalid('id', `must start with '${type}--'.`);
  for (const [property, ref] of references(sent)) {
    if (!ID.test(ref))
      return invalid(property, `not a valid STIX identifier, must match <object-type>--<UUID>: ${ref}`);
  }
  for (const property of INSTANTS) {
    const instant = textOf(sent, property);
    if (instant !== undefined && instantOf(instant) === null)
      return invalid(property, 'must be a datetime object, date object, or timestamp string in a recognizable format.');
  }
  if ('confidence' in sent && Number.isNaN(Number(sent['confidence'])))
    return invalid('confidence', 'must be an integer.');
  if ('revoked' in sent && typeof sent['revoked'] !== 'boolean') return invalid('revoked', 'must be a boolean value.');
  const fault = sent['pattern_type'] === 'stix' ? patternFault(textOf(sent, 'pattern') ?? '') : null;
  return fault === null ? null : invalid('pattern', fault);
}

/** What it does not see as a fault, and stumbles over. (Source: OpenTAXII, `add_objects`: it needs these; stix2: a ValueError of its own.) */
export function stumblesOver(sent: Sent): boolean {
  const modified = textOf(sent, 'modified');
  // With a fraction, as `strptime` wants it: a marking, which has no `modified`, cannot be stored at all.
  if (modified === undefined || !/\.\d{1,6}Z$/.test(modified) || instantOf(modified) === null) return true;
  if (!('spec_version' in sent) || typeof sent['id'] !== 'string') return true;
  const [from, until] = [textOf(sent, 'valid_from'), textOf(sent, 'valid_until')];
  return from !== undefined && until !== undefined && (instantOf(until) ?? '') <= (instantOf(from) ?? '');
}

function classOf(type: string): string | null {
  return { indicator: 'Indicator', identity: 'Identity', 'marking-definition': 'MarkingDefinition' }[type] ?? null;
}

function* references(sent: Sent): Generator<readonly [property: string, ref: string]> {
  if ('id' in sent) yield ['id', String(sent['id'])];
  if ('created_by_ref' in sent) yield ['created_by_ref', String(sent['created_by_ref'])];
  const marks = sent['object_marking_refs'];
  if (Array.isArray(marks)) for (const mark of marks) yield ['object_marking_refs', String(mark)];
}
