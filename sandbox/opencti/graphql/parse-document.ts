import type { Document, Field, Inline, Operation, Selection, Value, Variable } from './document.ts';
import { syntaxError } from './graphql-error.ts';
import { scan, type Token } from './scan.ts';

/** Reads a query as far as the stand-in answers one: no directives, no definitions of types. (Source: GraphQL specification, 2.) */
export function parseDocument(query: string): Document {
  return new Parser(scan(query)).document();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  document(): Document {
    const operations: Operation[] = [];
    const fragments = new Map<string, Inline>();
    do {
      if (this.#is('{')) operations.push({ kind: 'query', name: null, variables: [], selections: this.#selections() });
      else if (this.#took('fragment')) fragments.set(this.#name(), this.#inline());
      else operations.push(this.#operation());
    } while (this.#token().kind !== 'end');
    return { operations, fragments };
  }

  #operation(): Operation {
    const kind = this.#name();
    if (!['query', 'mutation', 'subscription'].includes(kind)) throw syntaxError(`Unexpected Name "${kind}".`);
    const name = this.#token().kind === 'name' ? this.#name() : null;
    const variables: Variable[] = this.#is('(') ? this.#many('(', ')', () => this.#variable()) : [];
    return { kind, name, variables, selections: this.#selections() };
  }

  #variable(): Variable {
    this.#expect('$');
    const name = this.#name();
    this.#expect(':');
    const type = this.#type();
    return { name, type, preset: this.#took('=') ? this.#value() : null };
  }

  #type(): string {
    const inner = this.#took('[') ? `[${this.#type()}` : this.#name();
    if (inner.startsWith('[')) this.#expect(']');
    const type = inner.startsWith('[') ? `${inner}]` : inner;
    return this.#took('!') ? `${type}!` : type;
  }

  #selections(): Selection[] {
    return this.#many('{', '}', () => this.#selection());
  }

  #selection(): Selection {
    if (!this.#took('...')) return this.#field();
    const isNamed = this.#token().kind === 'name' && !this.#is('on');
    return isNamed ? { kind: 'spread', fragment: this.#name() } : this.#inline();
  }

  #inline(): Inline {
    const on = this.#took('on') ? this.#name() : null;
    return { kind: 'inline', on, selections: this.#selections() };
  }

  #field(): Field {
    const first = this.#name();
    const name = this.#took(':') ? this.#name() : first;
    const args = new Map(this.#is('(') ? this.#many('(', ')', () => this.#named()) : []);
    return { kind: 'field', name, alias: first, args, selections: this.#is('{') ? this.#selections() : null };
  }

  #named(): [string, Value] {
    const name = this.#name();
    this.#expect(':');
    return [name, this.#value()];
  }

  #value(): Value {
    if (this.#took('$')) return { kind: 'variable', name: this.#name() };
    if (this.#is('[')) return { kind: 'list', items: this.#many('[', ']', () => this.#value(), true) };
    if (this.#is('{')) return { kind: 'object', fields: new Map(this.#many('{', '}', () => this.#named(), true)) };
    const { kind, text } = this.#next();
    if (kind === 'string') return { kind: 'constant', value: text };
    if (kind === 'number') return { kind: 'constant', value: Number(text) };
    if (kind !== 'name') throw syntaxError(`Unexpected "${text}".`);
    const known: ReadonlyMap<string, boolean | null> = new Map([
      ['true', true],
      ['false', false],
      ['null', null],
    ]);
    const value = known.get(text);
    // Any other name is that of a member of an enumeration.
    return { kind: 'constant', value: value === undefined ? text : value };
  }

  #many<Item>(open: string, close: string, one: () => Item, orNone = false): Item[] {
    this.#expect(open);
    const items: Item[] = [];
    if (orNone && this.#took(close)) return items;
    do items.push(one());
    while (!this.#took(close));
    return items;
  }

  #name(): string {
    const { kind, text } = this.#next();
    if (kind !== 'name') throw syntaxError(`Expected Name, found "${text}".`);
    return text;
  }

  #expect(text: string): void {
    if (!this.#took(text)) throw syntaxError(`Expected "${text}", found "${this.#token().text}".`);
  }

  #took(text: string): boolean {
    const is = this.#is(text);
    if (is) this.#at += 1;
    return is;
  }

  #is(text: string): boolean {
    const { kind, text: own } = this.#token();
    return (kind === 'mark' || kind === 'name') && own === text;
  }

  #next(): Token {
    const token = this.#token();
    this.#at += 1;
    return token;
  }

  #token(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '<EOF>' };
  }
}
