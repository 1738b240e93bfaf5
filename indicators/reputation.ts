/** MDTI's verdict on a host. `score` 0 means no known associations: no evidence, not "benign". */
export interface Score {
  /** 0 to 100: 75+ malicious, 50–74 suspicious, 25–49 neutral, below that unknown. */
  readonly score: number;
  /** `unknown | neutral | suspicious | malicious`, or whatever MDTI adds later. */
  readonly classification: string;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly name: string;
  readonly description: string;
  /** `unknown | low | medium | high`, or whatever MDTI adds later. */
  readonly severity: string;
  readonly relatedDetailsUrl: string | null;
}

/** The outcome of a look-up. A look-up that failed has no reputation value at all: it is a `Fault`, never a score of 0. */
export type Reputation = ({ readonly kind: 'scored' } & Score) | { readonly kind: 'none' };

/** What is known of an indicator when it is decided: a reputation, or that its type cannot have one. */
export type Verdict = Reputation | { readonly kind: 'not-a-host' };
