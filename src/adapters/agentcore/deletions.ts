// Deleting at AgentCore Memory: records by id, and all that a person said. What is gone already is gone. Used by agentcore.ts.

import { HermesError } from "../../errors.ts";
import { sideBySide } from "../../side-by-side.ts";
import { untilNothingLeft } from "../../until-nothing-left.ts";
import { type Call, collected, ifThere, PAGE, pages } from "./calls.ts";

/** Requests at a time. The service's rate is not documented: few enough to pass, and a person's past is gone in seconds. */
const PARALLEL = 5;

interface Actor {
  readonly memoryId: string;
  readonly actorId: string;
}

export const removeRecords = async (
  call: Call,
  memoryId: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const left = [...new Set(ids)];
  while (left.length > 0) {
    const records = left.splice(0, PAGE).map((memoryRecordId) => ({ memoryRecordId }));
    const { failedRecords = [] } = await call("delete records", signal, (sdk, client, opts) =>
      client.send(new sdk.BatchDeleteMemoryRecordsCommand({ memoryId, records }), opts),
    );
    const failed = failedRecords.flatMap(({ memoryRecordId }) => memoryRecordId ?? []);
    await sideBySide(PARALLEL, failed, (id) => checkGone(call, memoryId, id, signal));
  }
};

/** The codes of a batch's failures are not documented: whether a record is still there can be asked. */
const checkGone = async (
  call: Call,
  memoryId: string,
  memoryRecordId: string,
  signal: AbortSignal,
): Promise<void> => {
  const there = await call("look for a record", signal, (sdk, client, opts) =>
    ifThere(client.send(new sdk.GetMemoryRecordCommand({ memoryId, memoryRecordId }), opts)),
  );
  if (there) throw new HermesError("unavailable", "the memory did not delete a record", { retryable: true });
};

/** Several conversations at a time, or several events of one: a person may have had thousands of them, or one that never ended. */
export const removeEvents = async (call: Call, actor: Actor, signal: AbortSignal): Promise<void> => {
  const inTurn = atMost(PARALLEL, call);
  await untilNothingLeft("events", async () => {
    let removed = 0;
    await sideBySide(PARALLEL, await sessionsWithEvents(call, actor, signal), async (sessionId) => {
      const count = await removeSession(inTurn, { ...actor, sessionId }, signal);
      removed += count;
    });
    return removed;
  });
};

const sessionsWithEvents = (call: Call, actor: Actor, signal: AbortSignal): Promise<readonly string[]> => {
  const asked = { ...actor, maxResults: PAGE, filter: { eventFilter: "HAS_EVENTS" as const } };
  return collected(async (next) => {
    // The model lets the service say of somebody it has never heard of that there is nobody.
    const answer = await call("list conversations", signal, (sdk, client, opts) =>
      ifThere(client.send(new sdk.ListSessionsCommand({ ...asked, ...next }), opts)),
    );
    const items = (answer?.sessionSummaries ?? []).flatMap(({ sessionId }) => sessionId ?? []);
    return { items, nextToken: answer?.nextToken };
  });
};

/** Page by page, so that however far it comes counts. Returns how many there were. */
const removeSession = async (
  call: Call,
  session: Actor & { readonly sessionId: string },
  signal: AbortSignal,
): Promise<number> => {
  const asked = { ...session, maxResults: PAGE, includePayloads: false };
  let removed = 0;
  for await (const ids of pages(async (next) => {
    const answer = await call("list events", signal, (sdk, client, opts) =>
      ifThere(client.send(new sdk.ListEventsCommand({ ...asked, ...next }), opts)),
    );
    const items = (answer?.events ?? []).flatMap(({ eventId }) => eventId ?? []);
    return { items, nextToken: answer?.nextToken };
  })) {
    await sideBySide(PARALLEL, ids, (eventId) =>
      call("delete an event", signal, (sdk, client, opts) =>
        ifThere(client.send(new sdk.DeleteEventCommand({ ...session, eventId }), opts)),
      ),
    );
    removed += ids.length;
  }
  return removed;
};

/** The same call, which waits while so many of it are under way. */
const atMost = (count: number, call: Call): Call => {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (what, signal, request) => {
    if (free === 0) await new Promise<void>((resume) => waiting.push(resume));
    else free -= 1;
    try {
      return await call(what, signal, request);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
};
