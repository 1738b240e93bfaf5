import type { ArtifactStore } from '../artifacts.ts';
import type { ArtifactDeps } from '../enrichment.ts';
import { TAGGED_AT_ONCE } from './amend.ts';
import { markNames } from './artifact-form.ts';
import { artifactReading } from './artifact-reading.ts';
import type { ThreatStreamSelection } from './artifact-selection.ts';
import { artifactComments, setConfidence, tagArtifacts } from './artifact-writing.ts';
import { ownerOf } from './ownership.ts';
import { createThreatStreamClient, type ThreatStreamDeps } from './threatstream-client.ts';
import { resolveSettings, type ThreatStreamSettings } from './threatstream-settings.ts';

/** What ThreatStream holds, of all organisations, as artifacts. */
export function threatstreamArtifacts(
  settings: ThreatStreamSettings,
  selection: ThreatStreamSelection,
  deps: ThreatStreamDeps & Pick<ArtifactDeps, 'tagPrefix'>,
): ArtifactStore {
  const resolved = resolveSettings(settings);
  const client = createThreatStreamClient(resolved, deps);
  const names = markNames(deps.tagPrefix);
  const reading = artifactReading({ client, ownerOf: ownerOf(resolved, client), selection, names });
  return {
    describe: `ThreatStream at ${new URL(resolved.baseUrl).host}`,
    names,
    patience: { withinMs: resolved.confirmFor, pollMs: resolved.confirmPoll },
    markLoad: TAGGED_AT_ONCE,
    ...reading,
    mark: tagArtifacts(client, resolved),
    comments: artifactComments(client, resolved.lostAckGrace),
    rescore: setConfidence(client),
  };
}
