import { expect, it } from 'vitest';
import { z } from 'zod';
import { bundleIn, complete, emptyFolder, filesIn, heldAs, SIGNAL, write } from '../destinations/drop-folder.ts';
import { describeJudged, runJudge } from './judges.ts';
import { stixFindings } from './stix-findings.ts';
import { KEYS, saidOf } from './written-objects.ts';

const eventShape = z.object({
  attributes: z.array(z.object({ uuid: z.string(), value: z.string() })),
  errors: z.array(z.string()),
  warnings: z.array(z.string()),
});

/** A folder with the bundles of what stands, was changed, was withdrawn and has come back, of every kind of value. */
async function bundlesOf(markings: 'tlp-1' | 'tlp-2') {
  const folder = await emptyFolder();
  const files = filesIn(folder, { markings });
  const items = KEYS.map((key, id) => Object.assign(saidOf(key, id), { id }));
  await write(files, items, 'soc:1');
  const changed = items.map((item) => heldAs(files, item));
  await write(files, changed, 'soc:2');
  const held = changed.map((item) => heldAs(files, item));
  await files.withdraw(
    held.map((item) => ({ id: item.id, key: item.indicator.key, held: item.held ?? null })),
    SIGNAL,
  );
  const back = changed.map((item) => heldAs(files, item, { withdrawn: 'maybe' }));
  await write(files, back, 'soc:4');
  return (await complete(folder)).map(({ text, manifest }) => ({ manifest, bundle: bundleIn(text) }));
}

describeJudged('stix2-validator', () => {
  it.each(['tlp-2', 'tlp-1'] as const)('finds nothing wrong with any bundle of a folder (%s)', async (markings) => {
    const bundles = await bundlesOf(markings);
    expect(bundles).toHaveLength(4);
    expect(await stixFindings(bundles.map(({ bundle }) => bundle))).toEqual([]);
  });
});

describeJudged('MISP', () => {
  it('reads from each bundle what its manifest says', async () => {
    for (const { bundle, manifest } of await bundlesOf('tlp-2')) {
      const event = await runJudge('misp_stix.py', bundle, eventShape);
      expect([event.errors, event.warnings]).toEqual([[], []]);
      expect(event.attributes).toHaveLength(manifest.indicators + manifest.withdrawals);
      const ids = bundle.objects.filter(({ type }) => type === 'indicator').map(({ id }) => id);
      expect(new Set(event.attributes.map(({ uuid }) => `indicator--${uuid}`))).toEqual(new Set(ids));
    }
  });
});
