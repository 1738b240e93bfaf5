import type { z } from 'zod';
import type { KeptCredential } from '../azure/kept-credential.ts';
import type { ClientCertificate, HttpClient, ReplyBound } from '../http/http-client.ts';
import type { Tlp } from '../indicators/indicator.ts';
import type { Pace } from '../rates/pace.ts';

/** A question to a Log Analytics workspace. */
export interface WorkspaceQuestion {
  readonly workspaceId: string;
  /** KQL. */
  readonly query: string;
  /** Columns that the answer has to have. */
  readonly columns: readonly string[];
  /** Of TimeGenerated. */
  readonly from: Date;
  readonly to: Date;
}

/** What the configuration's way to sign in to Azure opens. */
export interface AzureAccess {
  readonly credential: KeptCredential;
  /** Rows by the names of their columns, as they came, within the budget and the turns that all queries share. Throws only `Fault`s. */
  rows(question: WorkspaceQuestion, signal: AbortSignal): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** What a destination is made with. */
export interface DestinationDeps {
  /** A client of its own, which reads no more of a reply than this, and shows the certificate to a server that asks for one. */
  readonly http: (replies: Pick<ReplyBound, 'bytes'>, certificate?: ClientCertificate) => HttpClient;
  readonly azure: AzureAccess;
  /** Its account's share of requests, which it waits for before each. */
  readonly pace: Pace;
  readonly now: () => Date;
  /** What no other deployment is called: ids that are made here are made from it. The id of the source's workspace. */
  readonly deployment: string;
  readonly pipeline: string;
  /** What an indicator without a marking is taken for. */
  readonly tlpDefault: Tlp;
  /** How long a request may take. */
  readonly requestTimeoutMs: number;
}

/** The settings of a kind: an object whose `type` names it. */
export type KindSection = z.ZodObject<{ type: z.ZodLiteral<string> }>;
