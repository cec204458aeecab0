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

/** Runs `work` as a subsegment of the invocation's trace. Without X-Ray it is only run. */
export type Trace = <T>(annotations: Readonly<Record<string, string>>, work: () => Promise<T>) => Promise<T>;

/**
 * A subsegment around the turn, not Powertools' middleware: that one leaves its segment open when a later step
 * returns early. The X-Ray SDK is loaded with the first turn, never for a webhook.
 */
export const createTrace = (): Trace => {
  let loaded: Promise<import("@aws-lambda-powertools/tracer").Tracer> | undefined;
  return async (annotations, work) => {
    loaded ??= import("@aws-lambda-powertools/tracer").then(
      ({ Tracer }) => new Tracer({ serviceName: "hermes" }),
    );
    const tracer = await loaded;
    if (!tracer.isTracingEnabled()) return work();
    const parent = tracer.getSegment();
    const subsegment = parent?.addNewSubsegment("## turn");
    if (parent === undefined || subsegment === undefined) return work();
    tracer.setSegment(subsegment);
    try {
      tracer.annotateColdStart();
      for (const [name, value] of Object.entries(annotations)) tracer.putAnnotation(name, value);
      return await work();
    } catch (error) {
      tracer.addErrorAsMetadata(asError(error));
      throw error;
    } finally {
      subsegment.close();
      tracer.setSegment(parent);
    }
  };
};
