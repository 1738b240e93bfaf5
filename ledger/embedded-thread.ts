import { parentPort, workerData } from 'node:worker_threads';
import { type EmbeddedSettings, openDatabase } from './embedded-database.ts';
import { type Answer, OPENED, type Request, SQL_ERROR_FIELDS } from './threaded-database.ts';

/** The thread that the embedded database has to itself. */
if (parentPort === null) throw new Error('This is the embedded ledger’s thread, and not a program.');
const port = parentPort;
const answer = (message: Answer): void => port.postMessage(message);

try {
  const settings: EmbeddedSettings = workerData;
  const database = await openDatabase(settings, (why) => answer({ kind: 'died', why }));
  port.on('message', (request: Request) => void serve(request));
  answer({ id: OPENED, kind: 'done', result: { rows: [], affectedRows: 0 } });

  async function serve(request: Request): Promise<void> {
    const { id } = request;
    try {
      if (request.kind === 'query') {
        answer({ id, kind: 'done', result: await database.query(request.sql, request.parameters) });
        return;
      }
      await database.close();
      port.close();
    } catch (error) {
      answer(failure(id, error));
      if (request.kind === 'close') port.close();
    }
  }
} catch (error) {
  answer(failure(OPENED, error));
  port.close();
}

/** An error crosses without what is its own: its fields go along. */
function failure(id: number, error: unknown): Answer {
  const fields = SQL_ERROR_FIELDS.map((field) => [field, Reflect.get(Object(error), field)] as const);
  return {
    id,
    kind: 'failed',
    message: error instanceof Error ? error.message : String(error),
    fields: Object.fromEntries(fields.filter(([, value]) => typeof value === 'string')),
  };
}
