// What the Knowledge Base stand-in keeps and answers, named as in the services' models: botocore's bedrock-agent/2023-06-05
// and bedrock-agent-runtime/2023-07-26, which the two SDK clients are generated from too.

export type DocumentStatus =
  | "STARTING"
  | "IN_PROGRESS"
  | "INDEXED"
  | "FAILED"
  | "DELETING"
  | "DELETE_IN_PROGRESS"
  | "NOT_FOUND";

export interface StoredDocument {
  readonly id: string;
  readonly status: DocumentStatus;
  /** What was sent last. */
  readonly text: string;
  /** What Retrieve finds. That a version is found until the next one is indexed is not documented, and is our reading. */
  readonly indexed?: string;
  /** ms since the epoch. */
  readonly updatedAt: number;
}

export interface IngestionJob {
  readonly ingestionJobId: string;
  readonly status: "IN_PROGRESS" | "COMPLETE";
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly updatedAt: number;
}
