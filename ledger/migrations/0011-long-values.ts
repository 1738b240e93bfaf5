import { type QueryExecutorProvider, sql } from 'kysely';

/**
 * A value can be longer than an entry of a B-tree may be (2,704 bytes; a URL has up to 8,192 characters): such a row failed its slice.
 * Hash indexes hold any length, and take less room. They cannot be unique, but can exclude: exactly, since each hit is compared.
 * Workers of the release before find their rows by the first of them as well.
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create index indicators_by_value on indicators using hash (value)`,
  // The first two have no blanks, so that the three are one text in one way only.
  `alter table indicators drop constraint indicators_value_type_pipeline_key,
    add constraint indicators_are_one exclude using hash ((type || ' ' || pipeline || ' ' || value) with =)`,
];
