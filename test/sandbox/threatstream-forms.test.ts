import { describe, expect, it } from 'vitest';
import { readForm } from '../../sandbox/threatstream/form-fields.ts';
import { call, FORM, form, IMPORT, json, start, upload, uploaded } from './threatstream-caller.ts';

function multipart(...parts: readonly string[]): string {
  return `${parts.map((part) => `--XX\r\n${part}\r\n`).join('')}--XX--\r\n`;
}

const TYPE = 'multipart/form-data; boundary=XX';

describe('a multipart form', () => {
  it('has its files to the byte, whatever stands in them', () => {
    // Only after a CRLF does a delimiter stand for itself.
    const text = '\r\n--X\r\nü "a",b\n\n--XX\n\r\n';
    const disposition = 'content-disposition: form-data; name="file"; filename="a.csv"';
    const read = readForm(TYPE, multipart(`${disposition}\r\nContent-Type: Text/CSV; charset=utf-8\r\n\r\n${text}`));
    expect(read?.files.get('file')).toEqual({ name: 'a.csv', type: 'text/csv', text });
  });

  it.each([
    ['filename="say %22so%22.csv"', 'say "so".csv'],
    ['filename="say \\"so\\", again; x=1.csv"', 'say "so", again; x=1.csv'],
    ['filename=plain.csv', 'plain.csv'],
    ['filename=""', ''],
  ])('has the name of a file in quotation marks: %s', (written, name) => {
    const read = readForm(TYPE, multipart(`Content-Disposition: form-data; name="file"; ${written}\r\n\r\nx`));
    expect(read?.files.get('file')).toMatchObject({ name, text: 'x' });
  });

  it('keeps fields and files apart', () => {
    const field = 'Content-Disposition: form-data; name="tlp"\r\n\r\nred';
    const file = 'Content-Disposition: form-data; filename="a"; name="file"\r\n\r\n';
    const read = readForm('multipart/form-data; boundary="XX"', multipart(field, file));
    expect(read?.fields).toEqual(new Map([['tlp', 'red']]));
    expect(read?.files.get('file')).toEqual({ name: 'a', type: '', text: '' });
  });

  it('must end', () => {
    expect(readForm(TYPE, '--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\nb')).toBeNull();
    expect(readForm(TYPE, '')).toBeNull();
    expect(readForm('multipart/form-data', multipart('x'))).toBeNull();
  });
});

describe('an import', () => {
  it('has one source of values', async () => {
    const { api } = start();
    for (const fields of [{ datatext: '192.0.2.1' }, { url: 'http://a.example.com' }, { file: 'x' }]) {
      const { body, type } = upload('value\n192.0.2.1\n', fields);
      expect(await call(api, 'POST', IMPORT, body, type)).toMatchObject({ status: 400 });
    }
    const none = form(['192.0.2.1']).replace('datatext', 'text');
    expect(await call(api, 'POST', IMPORT, none, FORM)).toMatchObject({ status: 400 });
    const page = form(['192.0.2.1']).replace('datatext', 'url');
    expect(await call(api, 'POST', IMPORT, page, FORM)).toMatchObject({ status: 400 });
  });

  it('needs no threat type when all mappings are given', async () => {
    const { api } = start();
    const mappings = {
      ip_mapping: 'c2_ip',
      domain_mapping: 'c2_domain',
      url_mapping: 'c2_url',
      md5_mapping: 'apt_md5',
    };
    const without = (fields: Readonly<Record<string, string>>): string => {
      const all = new URLSearchParams(form(['192.0.2.1'], fields));
      all.delete('threat_type');
      return all.toString();
    };
    expect(await call(api, 'POST', IMPORT, without(mappings), FORM)).toMatchObject({ status: 400 });
    const complete = without({ ...mappings, email_mapping: 'spam_email' });
    expect(await call(api, 'POST', IMPORT, complete, FORM)).toMatchObject({ status: 202 });
  });

  it.each([
    [{}, [50, 50, 90]],
    [{ source_confidence_weight: '100' }, [50, 50, 90]],
    [{ source_confidence_weight: '100', can_override_confidence: 'true' }, [90, 90, 90]],
    [{ source_confidence_weight: '100', can_override_confidence: 'true', classification: 'public' }, [50, 50, 90]],
  ])(
    'takes the confidence of the sender for network kinds only with all the weight: %j',
    async (fields, confidences) => {
      const { api } = start();
      const text = 'value\n192.0.2.1\nevil.example.com\nd41d8cd98f00b204e9800998ecf8427e\n';
      await uploaded(api, text, { confidence: '90', ...fields });
      expect(api.holdings().map(({ confidence }) => confidence)).toEqual(confidences);
    },
  );

  it('needs no second switch for it where that is not known', async () => {
    const { api } = start({ needsOverrideFlag: false });
    await uploaded(api, 'value\n192.0.2.1\n', { confidence: '90', source_confidence_weight: '100' });
    expect(api.holdings()).toMatchObject([{ confidence: 90 }]);
  });

  it('takes the severity of the itype unless it says one', async () => {
    const { api } = start();
    await uploaded(api, 'value,itype\n192.0.2.1,c2_ip\n192.0.2.2,parked_ip\n192.0.2.3,apt_ip\n');
    await uploaded(api, 'value,itype\n192.0.2.4,apt_ip\n', { severity: 'low' });
    expect(api.holdings().map(({ severity }) => severity)).toEqual(['high', 'low', 'very-high', 'low']);
  });

  it.each([undefined, 'inactive', 'pending'])('waits for a review with default_state %s', async (state) => {
    const { api } = start();
    const { session } = await uploaded(api, 'value\n192.0.2.1\n', state === undefined ? {} : { default_state: state });
    expect(session).toMatchObject({ status: 'done' });
    expect(api.holdings()).toMatchObject([{ status: 'awaiting-review' }]);
  });

  it('must have a readable form', async () => {
    const { api } = start();
    const reply = await json(api, 'POST', IMPORT, '--XX\r\nbroken', TYPE);
    expect(reply).toMatchObject({ status: 400 });
  });
});
