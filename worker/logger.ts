import { DefaultLogger, type Logger } from '@temporalio/worker';
import { pino } from 'pino';

/**
 * JSON lines on standard error, or at the end of a file: standard output belongs to the command. Fields that could hold a secret are never
 * written.
 */
export function createLogger(level: string, file?: string): Logger {
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: pino.stdSerializers.err },
      redact: { paths: ['*.apiKey', '*.clientSecret', '*.authorization', '*.password', '*.url'], censor: '[secret]' },
    },
    pino.destination({ dest: file ?? 2, sync: true }),
  );
  return new DefaultLogger('DEBUG', ({ level: at, message, meta }) => {
    const { taskToken: _, ...fields } = meta ?? {};
    if (at === 'ERROR') log.error(fields, message);
    else if (at === 'WARN') log.warn(fields, message);
    else if (at === 'INFO') log.info(fields, message);
    else log.debug(fields, message);
  });
}
