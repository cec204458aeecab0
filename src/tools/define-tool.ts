// One schema gives a tool's argument type, its JSON Schema for the model and the check of what the model wrote.
// Every tool factory ends in a call of this.

import * as z from "zod/mini";
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
      const parsed = z.safeParse(parameters, withoutNulls(args));
      if (!parsed.success) return { text: wrongArguments(definition.name, parsed.error.issues) };
      return run(parsed.data, context);
    },
  };
};

/** Bounds nobody comes near by himself: whoever passes one is told. They are in every request otherwise. */
const UNSAID = ["additionalProperties", "minLength", "maxLength", "minItems"] as const;

/** Key order is that of the source, so the prompt's bytes stay (design.md 6); `$schema` would only cost tokens. */
const jsonSchemaOf = (schema: z.ZodMiniObject): Readonly<Record<string, unknown>> => {
  const { $schema, ...parameters } = z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema }) => {
      for (const key of UNSAID) delete jsonSchema[key];
    },
  });
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
    .map((issue) => `- ${issue.path.join(".") || "arguments"}: ${problemOf(issue)}`);
  return `Nothing was done: these arguments of ${name} are wrong.\n${problems.join("\n")}\nCall it again with them corrected.`;
};

/** zod/mini has no words of its own. */
const problemOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case "invalid_type":
      return `must be of type ${issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "too_small":
      return `must be at least ${issue.minimum}${unitOf(issue)}`;
    case "too_big":
      return `must be at most ${issue.maximum}${unitOf(issue)}`;
    default:
      return issue.message;
  }
};

const unitOf = ({ origin }: { readonly origin: string }): string =>
  ({ string: " characters long", array: " items long" })[origin] ?? "";
