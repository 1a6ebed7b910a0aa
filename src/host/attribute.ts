import { closeSync, openSync, readSync } from 'node:fs';

/** An attribute of sysfs is one page at most. */
const PAGE_BYTES = 4096;
/** One for all: a buffer for each attribute of a thousand units keeps the garbage collector busier than the kernel. */
const page = Buffer.allocUnsafe(PAGE_BYTES);

/** An attribute as the kernel writes it, each byte one character; null: not there, or the read fails. */
export function readAttributeText(file: string): string | null {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return null; // ENOENT
  }
  try {
    return page.toString('latin1', 0, readSync(fd, page, 0, PAGE_BYTES, 0));
  } catch {
    return null; // ENODEV or EIO of a device that is just going away, EISDIR
  } finally {
    closeSync(fd);
  }
}
