// Members of a request by type, length and pattern, with the words AWS's services use for one that is wrong.
// Called by rules.ts and operations.ts.

import { invalid } from "./shapes.ts";

export type Fields = Readonly<Record<string, unknown>>;

const broken = (value: unknown, member: string, constraint: string) =>
  invalid(
    `1 validation error detected: Value '${String(value)}' at '${member.charAt(0).toLowerCase()}${member.slice(1)}' ` +
      `failed to satisfy constraint: ${constraint}`,
  );

/** JSON's null is a member left out, as in every REST-JSON service. */
const given = (fields: Fields, member: string): unknown => fields[member] ?? undefined;

export const stringIn = (
  fields: Fields,
  member: string,
  { min = 1, max, pattern }: { readonly min?: number; readonly max?: number; readonly pattern?: RegExp },
): string | undefined => {
  const value = given(fields, member);
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw broken(value, member, "Member must be a string");
  if (value.length < min) {
    throw broken(value, member, `Member must have length greater than or equal to ${min}`);
  }
  if (max !== undefined && value.length > max) {
    throw broken(value, member, `Member must have length less than or equal to ${max}`);
  }
  if (pattern !== undefined && !pattern.test(value)) {
    throw broken(value, member, `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
  return value;
};

/** Whole numbers when bounds are given, as all of the model's are; dates are any number of seconds. */
export const numberIn = (
  fields: Fields,
  member: string,
  bounds?: { readonly min: number; readonly max: number },
): number | undefined => {
  const value = given(fields, member);
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value))
    throw broken(value, member, "Member must be a number");
  if (bounds === undefined) return value;
  if (!Number.isInteger(value)) throw broken(value, member, "Member must be a whole number");
  if (value < bounds.min) {
    throw broken(value, member, `Member must have value greater than or equal to ${bounds.min}`);
  }
  if (value > bounds.max) {
    throw broken(value, member, `Member must have value less than or equal to ${bounds.max}`);
  }
  return value;
};

export const oneOf = <const T extends string>(
  fields: Fields,
  member: string,
  values: readonly T[],
): T | undefined => {
  const value = given(fields, member);
  if (value === undefined) return undefined;
  const found = values.find((one) => one === value);
  if (found === undefined)
    throw broken(value, member, `Member must satisfy enum value set: [${values.join(", ")}]`);
  return found;
};

export const objectIn = (fields: Fields, member: string): Fields | undefined => {
  const value = given(fields, member);
  if (value === undefined) return undefined;
  if (typeof value !== "object" || Array.isArray(value))
    throw broken(value, member, "Member must be a structure");
  return value as Fields;
};
