import { z } from 'zod';

/** As their paths name them. (Source: facts/tips.md 2.2; XSOAR `AnomaliThreatStreamv3`.) */
const THREAT_MODELS = [
  'tipreport',
  'actor',
  'campaign',
  'incident',
  'malware',
  'ttp',
  'signature',
  'vulnerability',
] as const;

const id = z.int().min(1);
export const threatModel = z.strictObject({ type: z.enum(THREAT_MODELS), id, observables: z.array(id) });
type ThreatModel = z.infer<typeof threatModel>;
export const investigation = z.strictObject({ id, observables: z.array(id) });
type Investigation = z.infer<typeof investigation>;

/** Which observables belong to a threat model, and which to an investigation, by their ids. */
export class ThreatModels {
  readonly #models = new Map<string, ThreatModel>();
  readonly #investigations = new Map<string, Investigation>();

  define(model: ThreatModel): void {
    this.#models.set(`${model.type}/${model.id}`, model);
  }

  investigate(one: Investigation): void {
    this.#investigations.set(String(one.id), one);
  }

  model(type: string, ofId: string): ThreatModel | undefined {
    return this.#models.get(`${type}/${ofId}`);
  }

  investigation(ofId: string): Investigation | undefined {
    return this.#investigations.get(ofId);
  }

  models(): ThreatModel[] {
    return [...this.#models.values()];
  }

  investigations(): Investigation[] {
    return [...this.#investigations.values()];
  }
}
