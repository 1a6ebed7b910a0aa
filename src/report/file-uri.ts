import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * A file as annotations name it: relative to the directory that the reader starts from, with `/`; absolute where it lies
 * outside. Not encoded.
 */
export function pathBelow(root: string, file: string): string {
  const relative = path.relative(root, path.resolve(file));
  return relative === '' || relative === '..' || relative.startsWith(`..${path.sep}`)
    ? path.resolve(file)
    : relative;
}

/** The same as a URI reference (RFC 3986): percent-encoded; `file:` and absolute where it lies outside. */
export function uriBelow(root: string, file: string): { readonly uri: string; readonly relative: boolean } {
  const below = pathBelow(root, file);
  if (path.isAbsolute(below)) return { uri: pathToFileURL(below).href, relative: false };
  return { uri: below.split(path.sep).map(encodeURIComponent).join('/'), relative: true };
}
