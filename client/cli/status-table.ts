import type { OpenWindow, PipelineStatus } from '../../workflows/ask.ts';
import { shortTime } from '../../workflows/names.ts';
import type { RunningRun } from '../running-runs.ts';
import { factsTable } from './facts-table.ts';
import { shipmentWords } from './shipment-words.ts';

export type Status = PipelineStatus & { readonly running: readonly RunningRun[] };

/** How a pipeline stands, for a person; within so many columns, if they are given. */
export function statusTable(status: Status, width: number | null): string {
  const { coverage, deliveries } = status;
  const rows: readonly { readonly [what: string]: string }[] = [
    { [status.pipeline]: coverage === null ? 'never ran' : `${shortTime(coverage.from)} to ${shortTime(coverage.to)}` },
    {
      gaps:
        status.gaps.length === 0
          ? 'none'
          : status.gaps.map((gap) => `${shortTime(gap.from)} to ${shortTime(gap.to)}`).join('\n'),
    },
    ...status.open.map((window) => ({
      [`window ${window.state}`]: `${shortTime(window.from)} to ${shortTime(window.to)}${because(window)}`,
    })),
    ...(status.unreadSlices > 0 ? [{ unread: unread(status) }] : []),
    ...(status.waiting.length > 0 ? [{ waiting: status.waiting.map(waitingLine).join('\n') }] : []),
    ...(status.destination === undefined ? [] : [{ destination: destinationLine(status.destination) }]),
    { running: status.running.length === 0 ? 'nothing' : status.running.map(describe).join('\n') },
    {
      indicators: `${status.indicators.toLocaleString('en')} known, ${(deliveries.confirmed ?? 0).toLocaleString('en')} confirmed at the destination, ${(deliveries.rejected ?? 0).toLocaleString('en')} rejected, ${(deliveries.pending ?? 0).toLocaleString('en')} on their way, ${(deliveries.retracted ?? 0).toLocaleString('en')} retracted`,
    },
    ...underWay(status),
    ...leftOver(status),
    ...(status.emptyWindows > 1 ? [{ silence: `the last ${status.emptyWindows} windows had no row` }] : []),
    ...(status.staleLists ?? []).map(({ file, since, problem }) => ({
      'exclusion list': `${file}: ${problem}. The list as it was before ${since.slice(0, 16)}Z is in force`,
    })),
    { quarantine: `${status.quarantined.toLocaleString('en')} rows` },
  ];
  return factsTable(rows, width);
}

function destinationLine({ describe: where, stability }: NonNullable<PipelineStatus['destination']>): string {
  return stability === 'beta' ? `${where} (beta: not yet seen at work with a real one)` : where;
}

/** What is brought already and waits for a person there, and what is not brought yet. */
function underWay({
  pipeline,
  review,
  gathered,
  wouldLeave,
  shipmentName,
}: Status): readonly { readonly [what: string]: string }[] {
  const n = (count: number): string => count.toLocaleString('en');
  const lines: { readonly [what: string]: string }[] = [];
  if (review !== undefined && review.shipments > 0) {
    const since = review.oldest === null ? '' : `, the first since ${review.oldest.slice(0, 16)}Z`;
    lines.push({
      review: `${n(review.shipments)} ${shipmentWords(shipmentName, review.shipments)} with ${n(review.indicators)} indicators ${review.shipments === 1 ? 'waits' : 'wait'} for an analyst${since}`,
    });
  }
  if (gathered !== undefined && gathered.indicators > 0) {
    const [since, due] = [gathered.since ?? '', gathered.due ?? ''].map((time) => `${time.slice(0, 16)}Z`);
    lines.push({
      gathered: `${n(gathered.indicators)} since ${since}; they go at ${due} at the latest\nat once: ${redeliver(pipeline, '--set-aside')}`,
    });
  }
  if (wouldLeave !== undefined && wouldLeave.indicators > 0) {
    const { indicators, shipments, requests } = wouldLeave;
    lines.push({
      'due or gathered': `${n(indicators)} indicators: now that would be ${n(shipments)} ${shipmentWords(shipmentName, shipments)}, about ${n(requests)} requests in all`,
    });
  }
  return lines;
}

/** What nobody asks before it said, unless a person has it tried. */
function waitingLine({ api, until }: PipelineStatus['waiting'][number]): string {
  return `${api} asked to be left alone until ${until.slice(0, 19)}Z; the update resume of any run of the pipeline has it tried again at once`;
}

/** What the source did not give, and when it is asked for again. */
function unread({ unread: slices, unreadSlices }: PipelineStatus): string {
  const lines = slices.map(
    ({ from, to, bucket, buckets, since, reason, tries, dueAt }) =>
      `part ${bucket + 1} of ${buckets} of ${shortTime(from)} to ${shortTime(to)}, not given ${tries} times since ${shortTime(since)}, read again by the first run from ${shortTime(dueAt)} on: ${reason}`,
  );
  const more = unreadSlices - slices.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function redeliver(pipeline: string, option: string): string {
  return `mdti-sync redeliver --pipeline ${pipeline} ${option}`;
}

/** What a person may want to do something about, with what to press. */
function leftOver({ pipeline, setAside, rejectedBy }: PipelineStatus): { readonly [what: string]: string }[] {
  const again = (option: string): string => `again: ${redeliver(pipeline, option)}`;
  const lines: { readonly [what: string]: string }[] = [];
  if (setAside.length > 0) {
    lines.push({ 'set aside': [...setAside.map(asideLine), again('--set-aside')].join('\n') });
  }
  if (rejectedBy.length > 0) {
    const reasons = rejectedBy.map(({ reason, items }) => `${items.toLocaleString('en')}: ${reason}`);
    lines.push({ rejected: [...reasons, again('--rejected')].join('\n') });
  }
  return lines;
}

function asideLine({ stage, reason, items, since, due }: PipelineStatus['setAside'][number]): string {
  const byItself = due === null ? '' : `, taken up by itself from ${due.slice(0, 16)}Z`;
  return `${items.toLocaleString('en')} at ${stage} since ${since.slice(0, 16)}Z${byItself}: ${reason}`;
}

function because({ state, reason, owner }: OpenWindow): string {
  if (state === 'running') return ` by ${owner}`;
  if (state === 'abandoned') return `: ${owner} is not heard of any more; the next run takes it up`;
  return reason === null ? '' : `: ${reason}`;
}

function describe({ workflowId, progress }: RunningRun): string {
  if (progress === null) return workflowId;
  const reason = progress.blocked === null ? '' : `: ${progress.blocked}`;
  const end = progress.expectedEnd === null ? '' : `, expected to end at ${progress.expectedEnd.slice(0, 16)}Z`;
  return `${workflowId} (${progress.state}, window ${progress.done} of ${progress.total}${end})${reason}`;
}
