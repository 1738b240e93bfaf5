// The kinds of destination: one line each.
export { misp } from './misp/index.ts';
export { sentinelUpload } from './sentinel-upload/index.ts';
export { threatstream } from './threatstream/index.ts';
