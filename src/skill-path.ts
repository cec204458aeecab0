// Which names of objects can be files below the skills' folder. Used by the adapter of the bucket and its fake; which of them are
// skills is skills/paths.ts.

/** C0, DEL and C1: none of them belongs in a name, and XML cannot even carry most. */
const CONTROL = /\p{Cc}/u;

/**
 * A bucket takes any key, so that whatever else is in it (`a//b`, `../x`, the "folders" of the console, which end in a slash)
 * has to be told apart: a path here is what a disk could hold below one folder, on Linux and on Windows.
 */
export const isFilePath = (path: string): boolean =>
  path.isWellFormed() &&
  !CONTROL.test(path) &&
  !path.includes("\\") &&
  path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
