import { readCsvImport } from './csv-import.ts';
import type { Form } from './form-fields.ts';
import { type Draft, type ImportAttributes, importAttributes } from './import-attributes.ts';
import type { ImportContent } from './import-content.ts';
import type { Kind } from './kinds.ts';
import { observablesIn } from './observables.ts';
import { Declined } from './request-values.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

export interface ImportForm extends ImportContent {
  readonly attributes: ImportAttributes;
  readonly fileName: string | null;
  readonly fileType: string;
}

/** Reads the form of an import with approval; throws `Declined`. */
export function readImportForm({ fields, files }: Form, now: Date, faults: ThreatStreamFaults): ImportForm {
  const text = fields.get('datatext');
  const file = files.get('file');
  const sources = [text, file, fields.get('file'), fields.get('url')].filter((source) => source !== undefined);
  if (sources.length !== 1) throw new Declined(400, 'Exactly one of datatext, file and url must be given.');
  const attributes = importAttributes(fields, now, faults.needsOverrideFlag);
  if (file !== undefined) {
    const isCsv = file.type === 'text/csv' || /\.csv$/i.test(file.name);
    const content = isCsv ? readCsvImport(file.text, attributes, faults) : mined(file.text, attributes, faults);
    return { ...content, attributes, fileName: file.name, fileType: isCsv ? 'csv' : 'txt' };
  }
  if (text === undefined) throw new Declined(400, 'Only datatext, and a file with its name, are supported here.');
  return { ...mined(text, attributes, faults), attributes, fileName: null, fileType: 'analyst' };
}

/** Unstructured text, which is searched for observables. (Source: facts/tips.md 1.1.) */
function mined(text: string, attributes: ImportAttributes, { urlYieldsHost }: ThreatStreamFaults): ImportContent {
  const drafts = new Map<Kind, Draft>();
  const items = observablesIn(text, urlYieldsHost).flatMap(({ kind, value }) => {
    const itype = attributes.itypeOf(kind);
    if (itype === null) return [];
    const draft = drafts.get(kind) ?? attributes.draft(kind, itype);
    drafts.set(kind, draft);
    return { kind, value, draft };
  });
  return { items, refused: [], failure: null };
}
