/** What is on one side alone, line by line, in whatever order. */

/** @param what they are rows of */
export function apart(what: string, model: readonly object[], database: readonly object[]): readonly string[] {
  const [left, right] = [model.map(line), database.map(line)];
  return [
    ...without(left, right).map((row) => `${what}, only in the model:    ${row}`),
    ...without(right, left).map((row) => `${what}, only in the database: ${row}`),
  ];
}

function line(row: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

function without(all: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return all.filter((row) => {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
