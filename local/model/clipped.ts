// Keeps what the scripted model repeats in view. Called by conversation.ts and told-results.ts.

const SHOWN_CHARS = 400;

export const clipped = (text: string): string =>
  text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…`.toWellFormed() : text;
