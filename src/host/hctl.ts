/** By number: 2:0:0:0 before 10:0:0:0. A lun has up to 20 digits, so digits are compared and not doubles. */
export function compareHctl(a: string, b: string): number {
  const right = b.split(':');
  for (const [index, left] of a.split(':').entries()) {
    const other = right[index] ?? '';
    const order = left.length - other.length || (left < other ? -1 : left > other ? 1 : 0);
    if (order !== 0) return order;
  }
  return 0;
}
