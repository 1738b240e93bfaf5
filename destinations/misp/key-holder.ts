import { Fault } from '../../indicators/fault.ts';
import { keyUser } from './held-schemas.ts';
import { API, type MispClient } from './misp-client.ts';

/** What a MISP says of the user whose key it is. */
export interface KeyHolder {
  /** The id of its organisation. */
  readonly organisation: number;
  readonly mayTag: boolean;
  readonly makesTags: boolean;
}

export type AskKeyHolder = (signal: AbortSignal) => Promise<KeyHolder>;

/** Asked for once; what its role lacks is asked for again, as it may have been granted meanwhile. */
export function keyHolder(client: Pick<MispClient, 'read'>): AskKeyHolder {
  let known: KeyHolder | null = null;
  return async (signal) => {
    if (known !== null && known.mayTag && known.makesTags) return known;
    const call = { method: 'GET', path: '/users/view/me', needs: 'read its own user' } as const;
    const { User, Role } = await client.read(call, keyUser, signal);
    known = {
      organisation: User.org_id,
      mayTag: Role.perm_tagger !== false,
      makesTags: Role.perm_tag_editor !== false,
    };
    return known;
  };
}

/** Refused where the role of the key may not tag. */
export function mustTag({ mayTag }: KeyHolder): void {
  if (mayTag) return;
  throw new Fault(
    'Refused',
    `The role of the destination's key lacks perm_tagger: what is enriched is marked by tags. Grant it at ${API}.`,
  );
}
