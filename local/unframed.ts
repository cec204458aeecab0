// Takes off what src/agent/untrusted.ts puts around somebody else's text: it is said to the model, not to a person. Called by
// the narrator and the scripted model.

export const unframed = (text: string): string =>
  /^<untrusted_tool_result [^>]*>\n[^\n]*\n\n([\s\S]*)\n<\/untrusted_tool_result>\s*$/.exec(text)?.[1] ??
  text;
