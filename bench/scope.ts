type Close = () => Promise<unknown>;

/** What has been started and has to be ended again, newest first: when its part of the work is over, or by Ctrl-C. */
export class Scope {
  readonly #closers: Close[] = [];

  /** Remembers how something that has just been started is ended. */
  add(close: Close): void {
    this.#closers.push(close);
  }

  /** Works in a scope of its own, which is closed at the end of the work, however it ends, or with this one. */
  async within<T>(work: (inner: Scope) => Promise<T>): Promise<T> {
    const inner = new Scope();
    const close: Close = () => inner.close();
    this.add(close);
    try {
      return await work(inner);
    } finally {
      await inner.close();
      this.#closers.splice(this.#closers.indexOf(close), 1);
    }
  }

  /** Ends everything, also when ending one of them fails. May be called again, and while it is closing. */
  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close().catch((error: unknown) => {
        process.stderr.write(`Something could not be ended: ${String(error)}\n`);
      });
    }
  }
}
