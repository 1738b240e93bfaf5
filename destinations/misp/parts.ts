import type { ReadAttributes } from './attribute-reader.ts';
import type { MispClient } from './misp-client.ts';
import type { MispIds } from './misp-ids.ts';
import type { MispSettings } from './misp-settings.ts';
import type { PublishChanged } from './publish.ts';
import type { CheckRights } from './rights.ts';

/** What everything that asks something of one MISP shares. */
export interface MispParts {
  readonly client: MispClient;
  readonly read: ReadAttributes;
  readonly checkRights: CheckRights;
  readonly publishChanged: PublishChanged;
  readonly ids: MispIds;
  readonly settings: MispSettings;
  readonly now: () => Date;
}
