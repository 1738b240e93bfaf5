export { ask } from './ask.ts';
export { backfill } from './backfill.ts';
export { batch } from './batch.ts';
export { enrich } from './enrich.ts';
export { enrichBatch } from './enrich-batch.ts';
export { sync } from './sync.ts';
export { window } from './window.ts';
