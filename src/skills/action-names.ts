// What skill_manage can do, by name: part of every request, while the actions themselves (library.ts) are loaded with the first use
// of a skill. The order is the schema's: another would change every prompt.

export const ACTION_NAMES = [
  "create",
  "edit",
  "patch",
  "delete",
  "write_file",
  "remove_file",
  "versions",
  "rollback",
] as const;

export type ActionName = (typeof ACTION_NAMES)[number];
