import type { Beside, SettingRemark } from '../kind.ts';
import { PUBLIC, type SentinelUploadSettings } from './sentinel-upload-settings.ts';

type Place = Pick<SentinelUploadSettings, 'workspaceId' | 'sourceSystem' | 'endpoint' | 'scope'>;

/** Whoever reads what is uploaded would deliver it again and again; and each cloud has addresses of its own. */
export function contradictions(
  { workspaceId, sourceSystem, ...addresses }: Place,
  { cloud, sources }: Beside,
): readonly SettingRemark[] {
  const readers = [...sources].filter(
    ([, source]) =>
      isSame(source.workspaceId, workspaceId) && source.sourceSystems.some((name) => isSame(name, sourceSystem)),
  );
  const loops = readers.map(([pipeline]) => ({
    setting: 'sourceSystem',
    sentence: `is ${sourceSystem}, which pipelines.${pipeline}.source reads from the same workspace: what is uploaded would be read and delivered again. Take another name, or take it out of its sourceSystems`,
  }));
  if (cloud === 'public') return loops;
  const foreign = (['endpoint', 'scope'] as const).filter((setting) => addresses[setting] === PUBLIC[setting]);
  return [
    ...loops,
    ...foreign.map((setting) => ({
      setting,
      sentence: `is that of the public cloud, while azure.cloud is ${cloud}: set the one of that cloud`,
    })),
  ];
}

function isSame(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}
