import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult, TransactionSettings } from 'kysely';
import { storableText } from '../indicators/storable-text.ts';

/**
 * The same dialect, whose errors of the database go through `toFault` on their way out, and whose texts are storable on their way in:
 * no text that comes from outside can fail a statement. (Those inside JSON are `jsonRows`' to see to.)
 */
export function faultingDialect(dialect: Dialect, toFault: (error: unknown) => Error): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => new FaultingDriver(dialect.createDriver(), toFault),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

function storable(query: CompiledQuery): CompiledQuery {
  const parameters = query.parameters.map((one) => (typeof one === 'string' ? storableText(one) : one));
  return { ...query, parameters };
}

class FaultingDriver implements Driver {
  readonly #driver: Driver;
  readonly #toFault: (error: unknown) => Error;
  /** The driver's own connection behind each that was handed out. */
  readonly #inner = new WeakMap<DatabaseConnection, DatabaseConnection>();

  constructor(driver: Driver, toFault: (error: unknown) => Error) {
    this.#driver = driver;
    this.#toFault = toFault;
  }

  init(): Promise<void> {
    return this.#guard(this.#driver.init());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const inner = await this.#guard(this.#driver.acquireConnection());
    const outer: DatabaseConnection = {
      executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> =>
        this.#guard(inner.executeQuery<R>(storable(query))),
      streamQuery() {
        throw new Error('The ledger does not stream query results.');
      },
    };
    this.#inner.set(outer, inner);
    return outer;
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#driver.releaseConnection(this.#inner.get(connection) ?? connection);
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return this.#driver.beginTransaction(connection, settings);
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#driver.commitTransaction(connection);
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // Where the connection is gone, the server has rolled back. What made it necessary is the error to tell of.
    await this.#driver.rollbackTransaction(connection).catch(() => undefined);
  }

  destroy(): Promise<void> {
    return this.#driver.destroy();
  }

  async #guard<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw this.#toFault(error);
    }
  }
}
