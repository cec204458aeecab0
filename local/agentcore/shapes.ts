// What the AgentCore Memory stand-in keeps and answers, named as in the service's model (botocore's
// bedrock-agentcore/2024-02-28, which @aws-sdk/client-bedrock-agentcore is generated from too). Dates are epoch seconds,
// as on the wire.

export interface Conversational {
  readonly role: "ASSISTANT" | "USER" | "TOOL" | "OTHER";
  readonly content: { readonly text: string };
}

export interface PayloadItem {
  readonly conversational?: Conversational;
  readonly blob?: unknown;
  readonly json?: { readonly content: unknown };
}

export interface MemoryEvent {
  readonly memoryId: string;
  readonly actorId: string;
  readonly sessionId: string;
  readonly eventId: string;
  readonly eventTimestamp: number;
  readonly payload: readonly PayloadItem[];
  readonly branch?: { readonly name: string; readonly rootEventId?: string };
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface MemoryRecord {
  readonly memoryRecordId: string;
  readonly content: { readonly text: string };
  readonly memoryStrategyId: string;
  readonly namespaces: readonly string[];
  readonly createdAt: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
