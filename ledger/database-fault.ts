import { Fault, type FaultKind } from '../indicators/fault.ts';
import { damage } from './damage.ts';

/** Where a ledger is, for sentences: never its password. */
export interface LedgerName {
  /** `The ledger at db.example.com:5432/mdti_sync`, or `The embedded ledger`. */
  readonly ledger: string;
  readonly user: string;
}

/**
 * An error of the database as one of the project's. The database's own text may quote an indicator: it is passed on only where it
 * names nothing but tables and roles.
 */
export function databaseFault(error: unknown, { ledger, user }: LedgerName): Error {
  if (error instanceof Fault) return error;
  const code = textOf(error, 'code');
  const message = textOf(error, 'message');
  const known = connectionFault(code, message, user);
  if (known !== null) return new Fault(known.kind, `${ledger} ${known.text}`);
  const said = SAFE_TEXTS.test(code) ? `: ${message}` : '';
  return new DatabaseError(`${ledger} refused a statement (${code === '' ? 'no code' : code})${said}.`, error);
}

/** A statement that the database refused: a mistake of the product. What it was about is left out. */
class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: string;
  readonly table: string;
  readonly column: string;
  readonly constraint: string;
  readonly routine: string;

  constructor(message: string, error: unknown) {
    super(message);
    this.code = textOf(error, 'code');
    this.table = textOf(error, 'table');
    this.column = textOf(error, 'column');
    this.constraint = textOf(error, 'constraint');
    this.routine = textOf(error, 'routine');
  }
}

/** Integrity constraints, and what the statement itself says: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SAFE_TEXTS = /^(23|42)/;

interface Known {
  readonly kind: FaultKind;
  /** Goes on after the ledger's name. */
  readonly text: string;
}

function connectionFault(code: string, message: string, user: string): Known | null {
  const refused = (text: string): Known => ({ kind: 'Refused', text });
  const unavailable = (text: string): Known => ({ kind: 'Unavailable', text });
  const damaged = damage(code, message);
  if (damaged !== null) return refused(damaged);
  switch (code) {
    case '28P01':
      return refused(
        `did not accept the password of user ${user}. Put the right one into the address of ledger.url, and restart the workers, which read it when they start.`,
      );
    case '28000':
      return refused(`does not let user ${user} in: ${message}. See the role's LOGIN and the server's pg_hba.conf.`);
    case '3D000':
      return refused('is not there: the server has no such database. Create it, or correct the address of ledger.url.');
    case '42501':
      return refused(`does not allow user ${user} what is needed: ${message}. docs/ledger.md says what to grant.`);
    case '53300':
      return unavailable('has no connection left. Lower ledger.connections, or raise max_connections of the server.');
    case '53100':
      return unavailable('has no room left on its disk. Make room there: the work goes on by itself.');
    case '40P01':
    case '40001':
      return unavailable(`had two workers in each other's way (${code}), and this one gave way.`);
    case '57014':
      return unavailable('did not finish a statement within ledger.statementTimeout.');
    case 'ENOTFOUND':
      return unavailable('was not found: the name of its server is not known here. Check the address of ledger.url.');
    case 'ECONNREFUSED':
      return unavailable(
        'cannot be reached: nothing listens there. Start the server, or check the address of ledger.url.',
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return refused('has a certificate that is for another host. Use the host name that it is made for.');
  }
  if (message.startsWith('SASL: ') && code === '') {
    return refused('wants a password, and the address of ledger.url has none that it takes.');
  }
  if (UNTRUSTED.test(code)) {
    return refused(`has a certificate that is not trusted (${code}). Set ledger.caFile to that of its authority.`);
  }
  if (message === 'The server does not support SSL connections') {
    return refused(
      'does not speak TLS. Turn it on at the server, or say sslmode=disable in the address of ledger.url.',
    );
  }
  if (PASSING.test(code) || BROKEN_OFF.test(message)) {
    return unavailable(`cannot be reached now (${code === '' ? 'connection lost' : code}).`);
  }
  return null;
}

/** Node.js's codes for what OpenSSL finds wrong with a chain. */
const UNTRUSTED = /^(SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_|INVALID_CA|ERR_TLS_|ERR_SSL_)/;

/**
 * What passes: classes 08 (connection), 40 (deadlock, serialization), 53 (resources), 55P03 (lock), 57P (shut down, starting up),
 * 58 (system), 25P0x and 25006 (a session that was ended, a standby); and what sockets say.
 */
const PASSING = /^(08|40|53|55P03|57P|58|25P0|25006|E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN))/;

/** `pg` has no codes for these. */
const BROKEN_OFF =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered|Client was closed)/;

function textOf(error: unknown, field: string): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : '';
}
