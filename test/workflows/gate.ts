export interface Gate {
  /** Somebody has come to it. */
  readonly reached: Promise<void>;
  /** Waits until it is opened. */
  readonly pass: () => Promise<void>;
  readonly open: () => void;
}

/** Holds a step up until the test lets it go on. */
export function gate(): Gate {
  let reach = (): void => undefined;
  let open = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    reached,
    open: () => open(),
    pass: async () => {
      reach();
      await opened;
    },
  };
}
