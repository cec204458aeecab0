// One schema gives a tool's argument type, its JSON Schema for the model and the check of what the model wrote.
// Every tool factory ends in a call of this.

import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import type { Tool, ToolContext, ToolOutcome } from "../ports.ts";

export interface ToolDefinition<Schema extends z.ZodMiniObject>
  extends Omit<Tool, "parameters" | "run" | "untrusted"> {
  readonly untrusted?: true;
  readonly parameters: Schema;
  run(args: z.output<Schema>, context: ToolContext): Promise<ToolOutcome> | ToolOutcome;
}

export const defineTool = <Schema extends z.ZodMiniObject>(definition: ToolDefinition<Schema>): Tool => {
  const { parameters, run, ...rest } = definition;
  return {
    ...rest,
    parameters: jsonSchemaOf(parameters),
    async run(args, context) {
      const parsed = z.safeParse(parameters, withoutNulls(args), { error: english().localeError });
      if (!parsed.success) return { text: wrongArguments(definition.name, parsed.error.issues) };
      return run(parsed.data, context);
    },
  };
};

/** Key order is that of the source, so the prompt's bytes stay (design.md 6); `$schema` would only cost tokens. */
const jsonSchemaOf = (schema: z.ZodMiniObject): Readonly<Record<string, unknown>> => {
  const { $schema, ...parameters } = z.toJSONSchema(schema, { io: "input" });
  return parameters;
};

/** Models write null for what they leave out. */
const withoutNulls = (args: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));

/** A long list written wrongly throughout is one mistake: these are enough to see it. */
const MAX_PROBLEMS = 10;

const wrongArguments = (name: string, issues: readonly z.core.$ZodIssue[]): string => {
  const problems = issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `- ${path.join(".") || "arguments"}: ${message}`);
  return `Nothing was done: these arguments of ${name} are wrong.\n${problems.join("\n")}\nCall it again with them corrected.`;
};
