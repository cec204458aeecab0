// Waiting that ends when a signal says so, even if the work itself does not listen. Called by whoever waits for a service or a tool.

/** `work`, or a rejection with the signal's reason as soon as it aborts. What the work does afterwards is not heard. */
export const abortable = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> => {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return Promise.race([aborted.promise, work]).finally(() => signal.removeEventListener("abort", onAbort));
};
