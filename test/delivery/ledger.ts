// What the outside of the function knows of each session in the simulation: which answers were shown, whether META knows,
// and what may still be broken there. Told by the stand-ins as it happens; read by troubles.ts and verdict.ts.

export interface Ledger {
  /** Telegram has shown these marks of answers. */
  sent(session: string, marks: readonly string[]): void;
  /** A write of META that takes effect, in DynamoDB's own words. */
  metaWritten(session: string, body: unknown): void;
  /** Whoever works on this session cannot go on, or does not get to know what became of what it sent (`marks`). */
  broke(session: string, marks?: readonly string[]): void;
  /** Whoever works on this session is killed, or cannot write: what it has sent already may still be on its way. */
  died(session: string): void;
  /**
   * Twice in a row at most, and once while an answer is being delivered: beyond that the function rightly gives up, and
   * the person gets an apology instead of the answer.
   */
  mayBreak(session: string): boolean;
  /** A run of this event came to nothing: what it holds nobody gives back. */
  failed(requestId: string): void;
  /** Something else worth telling when this session turns out to have a problem. */
  note(session: string, what: string): void;
  story(session: string): readonly string[];
  /** In the order in which they were shown. */
  readonly shown: readonly { readonly session: string; readonly mark: string }[];
  /** Marks that may have been shown once too often: the one window of design.md 9, invariant 2. */
  readonly doubtful: ReadonlySet<string>;
  /** Request ids. */
  readonly failures: ReadonlySet<string>;
}

interface State {
  /** Breaks since the lease was last given back. */
  strain: number;
  delivery: "none" | "whole" | "broken";
  /** Shown, and not yet on META. */
  unrecorded: readonly string[];
  isDead: boolean;
  readonly story: string[];
}

const MAX_STRAIN = 2;

export const createLedger = (): Ledger => {
  const shown: { session: string; mark: string }[] = [];
  const doubtful = new Set<string>();
  const failures = new Set<string>();
  const states = new Map<string, State>();
  const of = (session: string): State => {
    const state = states.get(session) ?? {
      strain: 0,
      delivery: "none",
      unrecorded: [],
      isDead: false,
      story: [],
    };
    states.set(session, state);
    return state;
  };
  const doubt = (marks: readonly string[]) => {
    for (const mark of marks) doubtful.add(mark);
  };
  const broke = (session: string, marks: readonly string[] = []) => {
    const state = of(session);
    state.strain += 1;
    if (state.delivery === "whole") state.delivery = "broken";
    doubt([...state.unrecorded, ...marks]);
  };
  return {
    sent(session, marks) {
      const state = of(session);
      for (const mark of marks) shown.push({ session, mark });
      if (state.isDead) doubt(marks);
      state.unrecorded = marks;
      state.story.push(`shown ${marks.join(" ") || "a middle part"}`);
    },
    metaWritten(session, body) {
      const { UpdateExpression = "" } = body as { readonly UpdateExpression?: string };
      const [sets = "", removes = ""] = UpdateExpression.split("REMOVE");
      const state = of(session);
      state.story.push(`META ${wordsOf(sets, removes)}`);
      if (/#out\b/.test(UpdateExpression)) state.unrecorded = [];
      if (/#out\b/.test(sets) && state.delivery === "none") state.delivery = "whole";
      if (/#out\b/.test(removes)) state.delivery = "none";
      if (/#until\b/.test(removes)) state.strain = 0;
      if (/#fence\b/.test(UpdateExpression)) state.isDead = false;
    },
    broke,
    died(session) {
      broke(session);
      of(session).isDead = true;
    },
    mayBreak(session) {
      const { strain, delivery } = of(session);
      return strain < MAX_STRAIN && delivery !== "broken";
    },
    failed: (requestId) => void failures.add(requestId),
    note: (session, what) => void of(session).story.push(what),
    story: (session) => of(session).story,
    shown,
    doubtful,
    failures,
  };
};

const wordsOf = (sets: string, removes: string): string =>
  ["fence", "turn", "out", "tries", "until"]
    .flatMap((name) => [
      ...(new RegExp(`#${name}\\b`).test(sets) ? [`+${name}`] : []),
      ...(new RegExp(`#${name}\\b`).test(removes) ? [`-${name}`] : []),
    ])
    .join(" ");
