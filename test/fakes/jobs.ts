// Records of jobs in memory. test/contracts/jobs.ts runs against it.

import type { JobRecord } from "../../src/job-record.ts";
import type { Jobs } from "../../src/ports.ts";

export const createFakeJobs = (): Jobs & { readonly records: Map<string, JobRecord> } => {
  const records = new Map<string, JobRecord>();
  const keyOf = ({ owner, id }: Pick<JobRecord, "owner" | "id">) => `${owner}|${id}`;
  return {
    records,
    list: async (owner) => structuredClone([...records.values()].filter((record) => record.owner === owner)),
    get: async (owner, id) => structuredClone(records.get(keyOf({ owner, id }))),
    async put(record) {
      if ((records.get(keyOf(record))?.revision ?? 0) !== record.revision) return undefined;
      const next = { ...structuredClone(record), revision: record.revision + 1 };
      records.set(keyOf(record), next);
      return structuredClone(next);
    },
  };
};
