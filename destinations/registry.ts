// The kinds of destination: one line each.
export { file } from './file/index.ts';
export { misp } from './misp/index.ts';
export { opencti } from './opencti/index.ts';
export { sentinelUpload } from './sentinel-upload/index.ts';
export { taxii } from './taxii/index.ts';
export { threatstream } from './threatstream/index.ts';
