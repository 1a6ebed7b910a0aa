import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * The commit that is checked out in the repository in which a file lies, in hex; null: it lies in none, or the repository keeps
 * its branches in another form. Read from the files of git: to run git where others may configure it is to run their programs.
 */
export function gitCommitOf(file: string): string | null {
  try {
    const git = gitDirectoryOf(path.dirname(realpathSync(file)));
    return git === null ? null : resolved(git, textOf(path.join(git, 'HEAD')));
  } catch {
    return null;
  }
}

/** `.git` of the folder or of one above it; in a work tree of its own it is a file that names the place. */
function gitDirectoryOf(folder: string): string | null {
  for (let at = folder; ; at = path.dirname(at)) {
    const git = path.join(at, '.git');
    const stat = statSync(git, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return git;
    if (stat?.isFile()) {
      const named = /^gitdir: (.+)$/m.exec(textOf(git))?.[1];
      return named === undefined ? null : path.resolve(at, named);
    }
    if (at === path.dirname(at)) return null;
  }
}

/** gitrepository-layout(5): HEAD is a commit or names a branch, which has a file of its own or a line in packed-refs. */
function resolved(git: string, head: string): string | null {
  const branch = /^ref: (refs\/\S+)$/m.exec(head)?.[1];
  if (branch === undefined) return commitIn(head);
  const common = statSync(path.join(git, 'commondir'), { throwIfNoEntry: false })?.isFile()
    ? path.resolve(git, textOf(path.join(git, 'commondir')).trim())
    : git;
  const loose = path.join(common, branch);
  if (statSync(loose, { throwIfNoEntry: false })?.isFile()) return commitIn(textOf(loose));
  const line = textOf(path.join(common, 'packed-refs'))
    .split('\n')
    .find((packed) => packed.endsWith(` ${branch}`));
  return line === undefined ? null : commitIn(line);
}

const commitIn = (text: string): string | null =>
  /^[0-9a-f]{40}(?:[0-9a-f]{24})?/.exec(text.trim())?.[0] ?? null;

const textOf = (file: string): string => readFileSync(file, 'utf8');
