import { answer, breakOn, type Route } from './answer.ts';
import { readBulkWrite } from './bulk-write.ts';
import { readForm } from './form-fields.ts';
import { readImportForm } from './import-form.ts';
import { Declined } from './request-values.ts';
import type { ThreatStreamFaults } from './threatstream-faults.ts';

/** An import with approval, and a write without. (Source: facts/apis.md 2.2; the reply of an import: facts/tips.md 1.4.) */
export const ARRIVING_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: /^\/api\/v[12]\/intelligence\/import\/$/,
    answer({ sessions, counts, faults: faultsNow, now }, { headers, body }) {
      const faults = faultsNow();
      const form = readForm(headers['content-type'] ?? '', body);
      if (form === null) throw new Declined(400, 'An import is a form.');
      const read = readImportForm(form, now(), faults);
      declinePoison([...read.items, ...read.refused], faults);
      if (read.attributes.approved && faults.noApprovePermission) {
        throw new Declined(403, 'The user may not approve imports.');
      }
      return {
        take() {
          const { record } = sessions.open(read, faults, now());
          if (read.attributes.isPublic) counts.publicShares += read.items.length;
          counts.wildcards += read.items.filter(({ kind, value }) => kind === 'string' && value.includes('%')).length;
          return answer(202, { success: true, import_session_id: record.id, job_id: record.jobId });
        },
      };
    },
  },
  {
    method: 'PATCH',
    path: /^\/api\/v[12]\/intelligence\/$/,
    answer({ bulk, counts, faults: faultsNow, now }, { body }) {
      const faults = faultsNow();
      if (faults.noApprovePermission) throw new Declined(403, 'The user needs the permission Approve Intel.');
      const { items, values } = readBulkWrite(body, now(), faults);
      declinePoison(
        values.map((value) => ({ value })),
        faults,
      );
      return {
        take() {
          bulk.accept(items, faults);
          counts.publicShares += items.filter(({ profile }) => profile.isPublic).length;
          return { status: 202, headers: { 'content-type': 'text/html' }, body: '' };
        },
      };
    },
  },
];

function declinePoison(values: readonly { readonly value: string }[], faults: ThreatStreamFaults): void {
  const { poison, declineAll, broken } = faults;
  breakOn(broken.imports, values);
  if (declineAll) throw new Declined(400, 'trustedcircles: there is no such circle.');
  if (poison.length > 0 && values.some(({ value }) => poison.includes(value))) {
    throw new Declined(400, 'The request could not be processed.');
  }
}
