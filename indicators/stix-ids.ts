import { uuidV5 } from './uuid-v5.ts';

/** The namespace of deterministic ids of observables; no other object may have an id made in it (STIX 2.1, section 2.9). */
export const STIX_NAMESPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7';

/** Of the namespaces that are made from a text. */
const OF_TEXTS = '7765d873-e63c-4d88-9438-3207912bcca2';

/** A namespace of a deployment's own, made from a text that no other deployment has: always the same one. */
export function stixNamespace(text: string): string {
  return uuidV5(OF_TEXTS, text);
}

/**
 * An indicator's id by OpenCTI's rule, which is for OpenCTI alone: whoever follows it has the same id for the same pattern, so that in
 * a place that several share they overwrite each other. (Source: pycti, `Indicator.generate_id`.)
 */
export function openCtiIndicatorId(pattern: string): string {
  return `indicator--${uuidV5(STIX_NAMESPACE, JSON.stringify({ pattern }))}`;
}

/**
 * An indicator's id in the deployment's own namespace. A revoked object gets no more versions (STIX 2.1, section 3.2), so one that comes
 * back is the next generation, under another id.
 */
export function indicatorId(namespace: string, pattern: string, generation: number): string {
  return `indicator--${uuidV5(namespace, JSON.stringify({ pattern, generation }))}`;
}
