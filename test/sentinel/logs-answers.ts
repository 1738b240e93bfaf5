import type { Answer } from '../http/loopback-api.ts';

export const COLUMNS =
  'Id SourceSystem ObservableKey ObservableValue Pattern TimeGenerated Modified ValidFrom ValidUntil Confidence Tags IsActive IsDeleted Revoked ThreatTypes Name Description Markings Labels LastUpdateMethod';

/** One row of the reader's query, as the API gives it. */
export function row(cells: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Id: 'a---indicator--1',
    SourceSystem: 'Microsoft Defender Threat Intelligence',
    ObservableKey: 'ipv4-addr:value',
    ObservableValue: '198.51.100.3',
    Pattern: "[ipv4-addr:value = '198.51.100.3']",
    TimeGenerated: '2026-11-24T08:01:00.1234567Z',
    Modified: '2026-11-20T00:00:00.0000000Z',
    ValidFrom: '',
    ValidUntil: '2026-12-24T00:00:00.0000000Z',
    Confidence: 90,
    Tags: '["c2","storm-1"]',
    IsActive: true,
    IsDeleted: null,
    Revoked: false,
    ThreatTypes: '["malicious-activity"]',
    Name: 'A name',
    Description: '',
    Markings: '["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"]',
    Labels: 'null',
    LastUpdateMethod: 'LogARepublisher',
    ...cells,
  };
}

export const TYPES: Readonly<Record<string, string>> = {
  Confidence: 'int',
  IsActive: 'bool',
  IsDeleted: 'bool',
  Revoked: 'bool',
};

/** These rows as the API answers them. */
export function answer(rows: readonly Record<string, unknown>[], error?: unknown): Answer {
  const columns = COLUMNS.split(' ').map((name) => ({ name, type: TYPES[name] ?? 'string' }));
  const values = rows.map((one) => columns.map(({ name }) => one[name] ?? null));
  return json(200, {
    tables: [{ name: 'PrimaryResult', columns, rows: values }],
    ...(error === undefined ? {} : { error }),
  });
}

/** One row of numbers, or so many times it. */
export function numbers(cells: Record<string, unknown>, times = 1): Answer {
  const columns = Object.keys(cells).map((name) => ({ name, type: name === 'Clock' ? 'string' : 'long' }));
  const rows = Array.from({ length: times }, () => Object.values(cells));
  return json(200, { tables: [{ name: 'PrimaryResult', columns, rows }] });
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** The API's 400, with Kusto's own sentence innermost. */
export function badQuery(message: string): unknown {
  return {
    error: {
      message: 'The request had some invalid properties',
      code: 'BadArgumentError',
      innererror: {
        code: 'SemanticError',
        message: 'A semantic error occurred.',
        innererror: { code: 'SEM0100', message },
      },
    },
  };
}
