// What the Knowledge Base stand-in remembers. A state file keeps it from one run to the next.

import { readStateFile, writeStateFile } from "../state-file.ts";
import type { IngestionJob, StoredDocument } from "./shapes.ts";

export interface Store {
  /** In the order of their first ingestion. */
  readonly documents: Map<string, StoredDocument>;
  readonly jobs: Map<string, IngestionJob>;
  /** Writes the state file, if there is one. */
  save(): void;
}

interface SavedState {
  readonly documents: readonly StoredDocument[];
  readonly jobs: readonly IngestionJob[];
}

export const openStore = (file: string | undefined): Store => {
  const saved = readStateFile(file, "Knowledge Base") as SavedState | undefined;
  const documents = new Map((saved?.documents ?? []).map((one) => [one.id, one]));
  const jobs = new Map((saved?.jobs ?? []).map((one) => [one.ingestionJobId, one]));
  return {
    documents,
    jobs,
    save() {
      if (file !== undefined)
        writeStateFile(file, { documents: [...documents.values()], jobs: [...jobs.values()] });
    },
  };
};

/** Being added, changed or removed: not at rest. */
export const isUnderWay = ({ status }: StoredDocument): boolean =>
  status !== "INDEXED" && status !== "FAILED";

export const runningJob = ({ jobs }: Store): IngestionJob | undefined =>
  [...jobs.values()].find(({ status }) => status === "IN_PROGRESS");

/** Everything under way arrives; what `fails` says of it ends FAILED, and what is being deleted is gone. */
export const finish = (store: Store, nowMs: number, fails: (id: string) => boolean): void => {
  for (const document of [...store.documents.values()].filter(isUnderWay)) {
    const { id, status, text } = document;
    const hasFailed = fails(id);
    if (!hasFailed && status.startsWith("DELET")) store.documents.delete(id);
    else if (hasFailed) store.documents.set(id, { ...document, status: "FAILED", updatedAt: nowMs });
    else store.documents.set(id, { id, status: "INDEXED", text, indexed: text, updatedAt: nowMs });
  }
  store.save();
};
