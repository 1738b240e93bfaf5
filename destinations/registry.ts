// The kinds of destination: one line each.
export { threatstream } from './threatstream/index.ts';
