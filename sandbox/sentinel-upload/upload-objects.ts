import type { Json } from '../logs/kql/value.ts';
import type { WireAnswer } from '../wire.ts';
import { json, trouble } from './answer.ts';
import type { DestinationTable } from './destination-table.ts';
import { rowsOf, valuesOf } from './object-rows.ts';
import type { SentinelUploadFaults } from './sentinel-upload-faults.ts';
import { checkObject, isIndicator, type StixObject } from './stix-object.ts';
import type { Uploads } from './uploads.ts';

interface Uploading {
  readonly uploads: Uploads;
  readonly table: DestinationTable;
  readonly faults: SentinelUploadFaults;
  readonly now: Date;
}

interface RecordError {
  /** Within the request. */
  readonly recordIndex: number;
  readonly errorMessages: readonly string[];
}

/**
 * Takes in what is valid, and lists what is not in a 200. (Source: learn.microsoft.com, "stix-objects-api", "Sample response body with
 * validation error", also for the empty body when everything is valid.)
 */
export function uploadObjects(source: string, inputs: readonly Json[], uploading: Uploading): WireAnswer {
  const { faults } = uploading;
  const checked = inputs.map((input) => check(input, faults));
  if (checked.some((each) => each.ok && names(each.object, faults.poison))) return refused([]);
  const invalid = checked.flatMap((each, recordIndex) =>
    each.ok ? [] : [{ recordIndex, errorMessages: each.errors }],
  );
  const as = invalid.length === inputs.length ? faults.allInvalid : faults.oneInvalid;
  if (invalid.length > 0 && as !== 'listed') return refused(as === 'refused' ? invalid : []);
  const late = checked.flatMap((each, recordIndex) =>
    each.ok && !takeIn(source, each.object, uploading) ? [{ recordIndex, errorMessages: [REVOKED] }] : [],
  );
  const errors = [...invalid, ...late].toSorted((a, b) => a.recordIndex - b.recordIndex);
  return errors.length === 0 ? { status: 200, body: '' } : json(200, { errors });
}

const REVOKED = 'Error for Property=id: Object was revoked before.';

function check(input: Json, { invalidValues }: SentinelUploadFaults): ReturnType<typeof checkObject> {
  const checked = checkObject(input);
  return checked.ok && names(checked.object, invalidValues)
    ? { ok: false, errors: ['Error for Property=pattern: Value is not supported.'] }
    : checked;
}

function names(object: StixObject, values: readonly string[]): boolean {
  return isIndicator(object) && valuesOf(object).some((value) => values.includes(value));
}

/** False for what turns out not to be valid. */
function takeIn(source: string, object: StixObject, { uploads, table, faults, now }: Uploading): boolean {
  if (names(object, faults.lost)) return true;
  const taken = uploads.take(source, object, faults, now);
  if (taken === 'written' && isIndicator(object)) {
    table.write(rowsOf({ source, object, isDeleted: false, republished: false, now }, faults), now);
  }
  return taken !== 'revoked-before';
}

function refused(errors: readonly RecordError[]): WireAnswer {
  return errors.length === 0
    ? trouble(400, 'Something in the request is not correctly formatted.')
    : json(400, { errors });
}
