import { cancellationSignal } from '@temporalio/activity';
import { shownArtifact } from '../enrichment/meet-artifact.ts';
import { namedHost } from '../enrichment/named-host.ts';
import type { WithoutHost } from '../indicators/artifact.ts';
import type { Parts } from './parts.ts';

/** The first page of what a pipeline selects, in numbers: nothing of it is kept, looked up or written. */
export interface Selected {
  readonly describe: string;
  readonly observables: number;
  /** There are more than on that page. */
  readonly isMore: boolean;
  readonly hosts: number;
  /** Different artifacts that have no host, by why; of what a query names, different texts without one. */
  readonly without: Readonly<Record<WithoutHost, number>>;
  /** Left out because this product has brought them. */
  readonly delivered: number;
  readonly unreadable: number;
  /** Of them, those that are our own organisation's. */
  readonly ours: number;
}

/** Asks the TIP for what is selected. Throws a `Fault('Refused')`, with the setting's name, when it declines that. */
export async function answerSelection(parts: Parts, name: string): Promise<Selected> {
  const pipeline = parts.enriched(name);
  const signal = cancellationSignal();
  const { describe } = pipeline.store;
  const without = { hash: 0, 'no-host': 0, excluded: 0 };
  if (pipeline.namedHosts !== null) {
    const named = [...new Set(await pipeline.namedHosts(signal))].map(namedHost);
    const hosts = new Set(named.filter((host) => host !== null)).size;
    without['no-host'] = named.filter((host) => host === null).length;
    return { describe, observables: 0, isMore: true, hosts, without, delivered: 0, unreadable: 0, ours: 0 };
  }
  let pages = 0;
  const hosts = new Set<string>();
  const sum = { observables: 0, delivered: 0, unreadable: 0, ours: 0 };
  for await (const page of pipeline.store.pages(null, signal)) {
    pages += 1;
    if (pages > 1) break;
    for (const artifact of page.artifacts) {
      const shown = shownArtifact(artifact, pipeline, parts.now());
      if (shown.host !== null) hosts.add(shown.host);
      if (shown.without !== null) without[shown.without] += 1;
      if (artifact.isOurs) sum.ours += 1;
    }
    sum.observables += page.artifacts.length + page.delivered.length + page.unreadable;
    sum.delivered += page.delivered.length;
    sum.unreadable += page.unreadable;
  }
  return { describe, isMore: pages > 1, hosts: hosts.size, without, ...sum };
}
