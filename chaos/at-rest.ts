/** What a step of a recovery says when there is nothing left to do. */
export const AT_REST = 'at rest';
