// What is made with the first use and kept, such as a client and its SDK. Used by the adapters and by skills/late-library.ts.

/** A failure is not kept: the next call tries again. */
export const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((thrown: unknown) => {
      made = undefined;
      throw thrown;
    });
    return made;
  };
};
