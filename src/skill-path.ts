// Which names of objects can be files below the skills' folder. Used by the adapter of the bucket and its fake; which of them are
// skills is skills/paths.ts.

/** C0, DEL and C1: none of them belongs in a name, and XML cannot even carry most. */
const CONTROL = /\p{Cc}/u;

/** S3's limit of a key, in bytes of UTF-8 (user guide, "Naming Amazon S3 objects"). */
const MAX_KEY_BYTES = 1_024;

/**
 * A bucket takes any key, so that whatever else is in it (`a//b`, `../x`, the "folders" of the console, which end in a slash)
 * has to be told apart: a path here is what a disk could hold below one folder, on Linux and on Windows.
 */
export const isFilePath = (path: string): boolean =>
  path.isWellFormed() &&
  !CONTROL.test(path) &&
  !path.includes("\\") &&
  path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");

/** Why no file can be called that, below the bucket's prefix; undefined when one can. */
export const keyProblem = (path: string, prefix = ""): string | undefined => {
  if (!isFilePath(path)) return "no file of a skill can have this name";
  const bytes = Buffer.byteLength(prefix + path);
  return bytes <= MAX_KEY_BYTES
    ? undefined
    : `the name is too long, with its folders ${bytes} bytes of at most ${MAX_KEY_BYTES}`;
};
