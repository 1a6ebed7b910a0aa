/** Who shares with whom, by the id of each; the others only. */
export function sharersOf(
  worked: readonly { readonly id: string; readonly shares: readonly string[] | undefined }[],
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, Set<string>>();
  for (const { id, shares = [] } of worked) {
    if (shares.length === 0) continue;
    const members = new Set([id, ...shares].flatMap((one) => [one, ...(groups.get(one) ?? [])]));
    for (const member of members) groups.set(member, members);
  }
  return new Map([...groups].map(([id, members]) => [id, [...members].filter((one) => one !== id)]));
}

/** On which unit work was done, for the unit that is asked about: on it, or on another one that runs its microcode. */
export const onText = (unit: string, worked: string): string =>
  worked === unit ? 'it' : `${worked}, which shares its microcode,`;

/** The same behind a verb; empty: on the unit itself. */
export const throughText = (unit: string, worked: string): string =>
  worked === unit ? '' : ` through ${worked}, which shares its microcode`;
