// The vocabulary of a turn: where it comes from, what waits in an inbox, what an invocation was asked to do.
// Foreign JSON becomes one of these types in parse-event.ts and parse-update.ts and nowhere else.

/** The partition a conversation lives in, in Hermes' own grammar (`agent:main:telegram:dm:42`). */
export type SessionKey = string & { readonly brand: "SessionKey" };

/** Sort key of an inbox entry within its session, without the `IN#` prefix. Sorts in the order of arrival. */
export type EntryId = string & { readonly brand: "EntryId" };

export type ChatType = "dm" | "group" | "channel";

/** Who spoke and where, as Telegram's authenticated update (or a job's record) says it; never from model text. */
export interface Origin {
  readonly chatId: number;
  readonly chatType: ChatType;
  readonly chatTitle?: string;
  /** Set only for a real topic; "General" of a forum is 1. */
  readonly threadId?: number;
  readonly userId?: number;
  readonly userName?: string;
  /** The message that is being answered. */
  readonly messageId?: number;
  readonly languageCode?: string;
}

/** A photo of a message; its bytes are fetched when the model is asked, the id is what is stored. */
export interface Photo {
  readonly fileId: string;
  readonly width: number;
  readonly height: number;
}

interface EntryBase {
  readonly id: EntryId;
  readonly origin: Origin;
  /** When it was said, in ms since the epoch, by the sender's clock (Telegram's `date`, the tick's scheduled time). */
  readonly at: number;
}

export interface MessageEntry extends EntryBase {
  readonly kind: "message";
  /** As the model reads it: our @name removed, quoted reply in front. */
  readonly text: string;
  /** The speaker's own words where `text` says more: what they reply to goes before them. */
  readonly said?: string;
  readonly photos: readonly Photo[];
  /** A piece of something larger, which the next message may go on with: a text that was cut, a picture of an album. */
  readonly continues?: true;
  /** Set when a button of ours was pressed: the message whose buttons are now spent. */
  readonly pressedOn?: number;
}

export interface CommandEntry extends EntryBase {
  readonly kind: "command";
  /** Lower case, without slash and without @bot. */
  readonly name: string;
  readonly args: string;
  /** What it replies to, as the text of a message has it: a skill is called about that. */
  readonly quote?: string;
  /** It stands below a picture: there it calls a skill, or is a message like any other, which is this. */
  readonly message?: Pick<MessageEntry, "text" | "said" | "photos">;
  /** Set when a button of ours stood for it: the message whose buttons are now spent. */
  readonly pressedOn?: number;
}

/** `/stop`, or Telegram's own stop button on a draft, which the person sees stop: that one needs no words. */
export interface StopEntry extends EntryBase {
  readonly kind: "stop";
  /** The draft whose button was pressed. */
  readonly draftId?: number;
}

export interface TickEntry extends EntryBase {
  readonly kind: "tick";
  readonly job: Job;
  /** ISO time the schedule was due at; with the job's id it is the identity of the run. */
  readonly scheduledTime: string;
  /** ms since the epoch: when it was accepted, by our clock; how late a tick is counts from here, not from its retries. */
  readonly acceptedAt?: number;
  /** Asked for by the person, now: no schedule says when it is due. */
  readonly isManual?: true;
}

/** Text to be delivered to the chat as it is, and remembered: a job's result, "I cannot read stickers yet". */
export interface PostEntry extends EntryBase {
  readonly kind: "post";
  readonly text: string;
  /** The job whose result this is: a chat that is closed to us ends it. */
  readonly jobId?: string;
  /** The conversation that job belongs to; absent: this one. */
  readonly owner?: SessionKey;
}

/** One thing that waits in a session's inbox, as accepted. */
export type Entry = MessageEntry | CommandEntry | StopEntry | TickEntry | PostEntry;

/** When a job runs, as its language says it (jobs/schedule.ts). `display` is what people see. */
export type Schedule =
  /** ISO, UTC, whole seconds. */
  | { readonly kind: "once"; readonly runAt: string; readonly display: string }
  | { readonly kind: "interval"; readonly minutes: number; readonly display: string }
  /** Five fields, in the job's time zone. */
  | { readonly kind: "cron"; readonly expr: string; readonly display: string };

/**
 * What a run needs to know; a schedule carries it whole. `origin` is where the answer goes; it was authenticated when the
 * job was made. All that may be absent is absent in a schedule that was made by hand.
 */
export interface Job {
  readonly id: string;
  readonly name: string;
  readonly prompt: string;
  readonly origin: Origin;
  /** The conversation it belongs to. */
  readonly owner?: SessionKey;
  readonly schedule?: Schedule;
  readonly timezone?: string;
  readonly skills?: readonly string[];
  readonly model?: string;
  /** Hermes' `deliver`; absent = to its origin. */
  readonly deliver?: string;
  /** The only toolsets its runs may use, of those that are on. */
  readonly toolsets?: readonly string[];
  /** Jobs of the same owner whose newest answers go before the prompt. */
  readonly contextFrom?: readonly string[];
}

/** A Telegram update we answer, or a tick: it goes into the inbox of `session`. */
export interface Arrival {
  readonly kind: "arrival";
  readonly source: "telegram" | "cron";
  /** Telegram's, for the log; an entry's own id differs where an update has one effect with others (presses). */
  readonly updateId?: number;
  readonly entry: Entry;
  readonly session: SessionKey;
  /** Said to us (src/addressing.ts); whether the speaker may is the allowlist's question. */
  readonly addressed: boolean;
  /** Set when a button was pressed: Telegram wants it acknowledged. */
  readonly callbackId?: string;
}

/** The doorbell: somebody put something into this session's inbox. */
export interface Wake {
  readonly kind: "wake";
  readonly session: SessionKey;
}

/**
 * What one invocation was asked to do. `requestId` is the event's identity over Lambda's retries:
 * the invocation's own, or for an on-failure notice that of the event which failed.
 */
export type Turn = (Arrival | Wake) & { readonly requestId: string; readonly isNotice?: true };
