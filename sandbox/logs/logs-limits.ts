/** What the service allows one user (Azure Monitor's page "Service limits", under "Log queries and language"). */
export interface LogsLimits {
  /** Queries at once. */
  readonly concurrent: number;
  /** Queries that may wait for that. */
  readonly queue: number;
  /** How long they may wait. */
  readonly queueMs: number;
  /** Requests in 30 seconds. */
  readonly per30s: number;
}

export const LOGS_LIMITS: LogsLimits = { concurrent: 5, queue: 200, queueMs: 180_000, per30s: 200 };
