// Where what concerns a person's memory is kept: their notes, and when they had all forgotten. Used by notes.ts and forgettings.ts.

/** The id is Telegram's own, of the authenticated sender: no two people have one key. */
export const memoryKey = (userId: number, item: "NOTES" | "FORGOTTEN") => ({
  PK: `MEMORY#telegram:${userId}`,
  SK: item,
});
