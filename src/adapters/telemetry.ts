// Powertools logger and tracer behind our own small interfaces.

import { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { asError } from "../errors.ts";
import type { Log, LogFields } from "../log.ts";

/** One logger: the log of the inside, and what the pipeline tells it about the invocation. */
export const createTelemetry = () => {
  const logger = new Logger({ serviceName: "hermes" });
  const log: Log = {
    debug: (message, fields = {}) => logger.debug(message, { ...fields }),
    info: (message, fields = {}) => logger.info(message, { ...fields }),
    warn: (message, fields = {}) => logger.warn(message, { ...fields }),
    error: (message, fields = {}) => logger.error(message, { ...fields }),
  };
  return {
    log,
    begin(context: Context) {
      logger.resetKeys();
      logger.addContext(context);
    },
    correlate(fields: LogFields) {
      logger.appendKeys({ ...fields });
    },
  };
};

/** Runs `work` and reports it as a subsegment of the invocation's trace. Without X-Ray it is only run. */
export type Trace = <T>(annotations: Readonly<Record<string, string>>, work: () => Promise<T>) => Promise<T>;

/**
 * A subsegment around the turn, not Powertools' middleware: that one leaves its segment open when a later step
 * returns early. The X-Ray SDK takes longer to load than a turn takes to ask the model, so it is loaded when the
 * turn is over and told when it began.
 */
export const createTrace =
  (log: Log): Trace =>
  async (annotations, work) => {
    const startedAtMs = Date.now();
    try {
      const result = await work();
      await report(log, annotations, startedAtMs);
      return result;
    } catch (error) {
      await report(log, annotations, startedAtMs, asError(error));
      throw error;
    }
  };

/** Never throws: a trace that is missing must not fail a turn that is done. */
const report = async (
  log: Log,
  annotations: Readonly<Record<string, string>>,
  startedAtMs: number,
  failure?: Error,
) => {
  try {
    const { Tracer } = await import("@aws-lambda-powertools/tracer");
    const tracer = new Tracer({ serviceName: "hermes" });
    const parent = tracer.isTracingEnabled() ? tracer.getSegment() : undefined;
    if (parent === undefined) return;
    const subsegment = parent.addNewSubsegment("## turn");
    subsegment.start_time = startedAtMs / 1_000;
    tracer.setSegment(subsegment);
    tracer.annotateColdStart();
    for (const [name, value] of Object.entries(annotations)) tracer.putAnnotation(name, value);
    if (failure !== undefined) tracer.addErrorAsMetadata(failure);
    subsegment.close();
    tracer.setSegment(parent);
  } catch (error) {
    log.warn("the trace was not reported", { error: asError(error) });
  }
};
