// Members of a request by type, length and pattern, with the words AWS's services use for one that is wrong.
// Called by the rules and operations of the Scheduler and of AgentCore Memory.

import { invalid } from "./errors.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface TextRule {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
}

/** The services name a member with a small first letter, whatever its own is. */
const broken = (path: string, constraint: string) =>
  invalid(
    `1 validation error detected: Value at '${path.charAt(0).toLowerCase()}${path.slice(1)}' ` +
      `failed to satisfy constraint: ${constraint}`,
  );

export const required = <T>(value: T | undefined, path: string): T => {
  if (value === undefined) throw broken(path, "Member must not be null");
  return value;
};

/** Lengths in UTF-16 units, never less than the service's characters: what passes here passes there. */
export const checkedText = (
  value: unknown,
  path: string,
  { min = 0, max, pattern }: TextRule,
): string | undefined => {
  if (value === undefined || value === null) return undefined; // JSON's null is a member left out
  if (typeof value !== "string") throw broken(path, "Member must be a string");
  if (value.length < min) throw broken(path, `Member must have length greater than or equal to ${min}`);
  if (max !== undefined && value.length > max) {
    throw broken(path, `Member must have length less than or equal to ${max}`);
  }
  if (pattern !== undefined && !pattern.test(value)) {
    throw broken(path, `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
  return value;
};

export const textIn = (fields: Fields, path: string, rule: TextRule): string | undefined =>
  checkedText(fields[nameOf(path)], path, rule);

export const wholeIn = (fields: Fields, path: string, min: number, max: number): number | undefined => {
  const value = fields[nameOf(path)] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw broken(path, "Member must be a whole number");
  }
  if (value < min) throw broken(path, `Member must have value greater than or equal to ${min}`);
  if (value > max) throw broken(path, `Member must have value less than or equal to ${max}`);
  return value;
};

/** Seconds since the epoch. */
export const secondsIn = (fields: Fields, path: string): number | undefined => {
  const value = fields[nameOf(path)] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw broken(path, "Member must be a timestamp");
  return value;
};

export const oneOf = <const T extends string>(
  fields: Fields,
  path: string,
  values: readonly T[],
): T | undefined => {
  const value = fields[nameOf(path)] ?? undefined;
  if (value === undefined) return undefined;
  const found = values.find((one) => one === value);
  if (found === undefined) throw broken(path, `Member must satisfy enum value set: [${values.join(", ")}]`);
  return found;
};

export const objectIn = (fields: Fields, path: string): Fields | undefined => {
  const value = fields[nameOf(path)] ?? undefined;
  if (value === undefined) return undefined;
  if (!isObject(value)) throw broken(path, "Member must be a structure");
  return value;
};

export const listIn = (
  fields: Fields,
  path: string,
  { min = 0, max }: { readonly min?: number; readonly max: number },
): readonly unknown[] | undefined => {
  const value = fields[nameOf(path)] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw broken(path, "Member must be a list");
  if (value.length < min) throw broken(path, `Member must have length greater than or equal to ${min}`);
  if (value.length > max) throw broken(path, `Member must have length less than or equal to ${max}`);
  return value;
};

/** The one member of a union that is there: the SDK sends exactly one, and the model knows no more. */
export const memberOf = (union: Fields, path: string, names: readonly string[]): string => {
  const [name, more] = Object.keys(union);
  if (name === undefined || more !== undefined || !names.includes(name)) {
    throw broken(path, `Member must have exactly one of: [${names.join(", ")}]`);
  }
  return name;
};

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const structure = (value: unknown, path: string): Fields => {
  if (!isObject(value)) throw broken(path, "Member must be a structure");
  return value;
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1);
