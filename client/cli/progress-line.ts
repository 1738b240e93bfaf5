import { SingleBar } from 'cli-progress';
import type { EnrichCounts } from '../../indicators/enrich-counts.ts';
import type { RunProgress } from '../follow-run.ts';
import type { Output } from './output.ts';

export interface ProgressLine {
  show(progress: RunProgress): void;
  end(): void;
}

/** A bar on a terminal, a plain line for each change elsewhere. */
export function createProgressLine(output: Output): ProgressLine {
  if (!output.terminal) return plainLines(output);
  const bar = new SingleBar({
    format: '[{bar}] {text}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: false,
  });
  let started = false;
  return {
    show(progress) {
      const { done, total } = position(progress);
      if (!started) bar.start(Math.max(total, 1), 0, { text: '' });
      started = true;
      bar.setTotal(Math.max(total, 1));
      bar.update(done, { text: describe(progress) });
    },
    end() {
      if (started) bar.stop();
    },
  };
}

function plainLines(output: Output): ProgressLine {
  let last = '';
  return {
    show(progress) {
      const text = describe(progress);
      if (text !== last) output.say(text);
      last = text;
    },
    end() {
      last = '';
    },
  };
}

/** A window counts as one; the steps inside the windows that are under way count as parts of it. */
function position(progress: RunProgress): { done: number; total: number } {
  const parts = 1_000;
  const inside = progress.windows.reduce((sum, { done, total }) => sum + (total === 0 ? 0 : done / total), 0);
  return { done: Math.round((progress.done + inside) * parts), total: progress.total * parts };
}

function describe(progress: RunProgress): string {
  if (progress.enriched !== undefined) return enriching(progress, progress.enriched);
  const windows = `window ${Math.min(progress.done + 1, progress.total)} of ${progress.total}`;
  const inside = progress.windows.map((window) => `${window.step} ${window.done}/${window.total}`).join(', ');
  if (progress.state !== 'running') return `${progress.state}: ${progress.blocked ?? windows}`;
  return progress.total === 0 ? progress.step : `${windows}${inside === '' ? '' : `: ${inside}`}${timeLeft(progress)}`;
}

function enriching({ state, blocked, step, done, total }: RunProgress, counts: EnrichCounts): string {
  const n = (count: number): string => count.toLocaleString('en');
  if (state !== 'running') return `${state}: ${blocked ?? step}`;
  return `${step}: batch ${n(Math.min(done + 1, total))} of ${n(total)}; ${n(counts.read)} read, ${n(counts.lookedUp)} hosts looked up, ${n(counts.marked)} tagged`;
}

/** In steps of a minute, so that a plain line is not written anew for every second. */
function timeLeft({ expectedEnd }: RunProgress): string {
  if (expectedEnd === null) return '';
  const minutes = Math.ceil((Date.parse(expectedEnd) - Date.now()) / 60_000);
  return minutes < 1 ? '' : `; about ${minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`} left`;
}
