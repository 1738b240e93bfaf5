export type SearchAttributeType = 'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

export interface ServerArguments {
  readonly port: number;
  readonly uiPort: number;
  readonly namespace: string;
  /** Where its state is kept; in memory without. */
  readonly dbFile?: string;
  readonly searchAttributes: Readonly<Record<string, SearchAttributeType>>;
}

/** The command line of `temporal`, without the program. On this machine only, whatever the environment says. */
export function serverArguments(settings: ServerArguments): readonly string[] {
  const { port, uiPort, namespace, dbFile, searchAttributes } = settings;
  // Measured with a file: 25 batches a second with these pragmas, 4 without.
  const storage =
    dbFile === undefined
      ? []
      : ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
    ...['--namespace', namespace, '--log-level', 'warn', '--ui-disable-news-fetch'],
    // Else a search attribute that was just registered is unknown for some seconds.
    ...['--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=true'],
    ...storage,
    ...Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  ];
}
