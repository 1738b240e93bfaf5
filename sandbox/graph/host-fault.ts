import { z } from 'zod';
import { type GraphAnswer, graphError } from './graph-error.ts';

/** What is always answered for a chosen host. */
export const hostFault = z.enum([
  /** A 500 of its own, the rest of its batch answered: "outer 200 even when inner calls fail" (JSON batching). */
  'fails',
  /** The 500 that a tenant without the licence gets, and not only that tenant (Azure-Sentinel#7781). */
  'error-retrieving',
  /** Tomcat's page instead of an error (microsoft-graph-docs#21064); as text inside a batch. */
  'html-500',
  /** 400: Graph does not take it for a host. */
  'declined',
  /** 403 for this host alone. */
  'forbidden',
  /** 200 with a reputation that is none. */
  'unreadable',
  /** 200 without a score. Whether that stands for "no reputation" nothing says. */
  'without-score',
  /** Left out of the answer of its batch; alone, its connection is cut. */
  'left-out',
  /** The whole request that has it fails, with all others in it: no fact, but nothing excludes it. */
  'fails-all',
  /** The whole request that has it is declined. */
  'declines-all',
]);
export type HostFault = z.infer<typeof hostFault>;

/** The answer about the host itself; null when the fault is of the whole request. */
export function faultyAnswer(fault: HostFault): GraphAnswer | null {
  switch (fault) {
    case 'fails':
      return graphError(500, 'InternalServerError', 'An unexpected error occurred.');
    case 'error-retrieving':
      return graphError(500, 'generalException', 'Error retrieving reputation');
    case 'html-500':
      return { status: 500, headers: { 'content-type': 'text/html' }, body: TOMCAT_PAGE };
    case 'declined':
      return graphError(400, 'BadRequest', 'The host identifier is not valid.');
    case 'forbidden':
      return graphError(403, 'Forbidden', 'Access to the resource is denied.');
    case 'unreadable':
      return { status: 200, headers: {}, body: { value: [], score: 'high' } };
    case 'without-score':
      return {
        status: 200,
        headers: {},
        body: {
          '@odata.type': '#microsoft.graph.security.hostReputation',
          id: '00000000-0000-0000-0000-000000000000',
          classification: 'unknown',
          score: null,
          rules: null,
        },
      };
    case 'left-out':
    case 'fails-all':
    case 'declines-all':
      return null;
  }
}

const TOMCAT_PAGE =
  '<!doctype html><html lang="en"><head><title>HTTP Status 500 - Internal Server Error</title></head><body></body></html>';
