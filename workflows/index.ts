export { ask } from './ask.ts';
export { backfill } from './backfill.ts';
export { batch } from './batch.ts';
export { sync } from './sync.ts';
export { window } from './window.ts';
