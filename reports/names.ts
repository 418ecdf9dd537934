/** Names that people understand, made from file paths and headings. */

/** A T-id: `T-MSG-03`, `T-DM-SELF-01`, `T-IDEMP-PAYLOAD`: words, and at the end a number or one more word. */
export const ID = String.raw`T(?:-[A-Z][A-Z0-9]*)+-(?:\d+[a-z]?|[A-Z]+)`;

/** `['T-MSG-03']`: the ids with which a test's name begins; empty when there are none. */
export function requirementIds(testName: string): readonly string[] {
  const [start = ''] = new RegExp(String.raw`^(?:${ID}(?:[\s:,]+|$))*`).exec(testName) ?? [];
  return start.split(/[\s:,]+/).filter((one) => one !== '');
}

/** Ids of the lines of a `requirements.md`, which is a list whose items begin with one each. */
export function requirementLines(page: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\\s*[-*]\\s+[\`*]*(${ID})\\b`, 'gm'))].map(([, one = '']) => one);
}

/** Every id that stands somewhere in a text. */
export function idsIn(text: string): readonly string[] {
  return text.match(new RegExp(String.raw`\b${ID}\b`, 'g')) ?? [];
}

/**
 * `suites/acceptance/messaging-v2/rpc.test.ts` with headings `['RPC refusals']` → `Messaging V2 › RPC refusals`.
 * @param headings names of the `describe` blocks, outermost first; without any, the file's own name stands for them
 */
export function groupName(file: string, headings: readonly string[]): string {
  const { folder, stem } = partsOf(file);
  const below = headings.length > 0 ? headings : [title(stem)];
  const above = title(folder);
  return below[0]?.toLowerCase().startsWith(above.toLowerCase()) ? below.join(' › ') : [above, ...below].join(' › ');
}

/** `acceptance.messaging-v2.rpc.RPC refusals`: what Jenkins splits at the last dot into package and class. */
export function classNameOf(file: string, headings: readonly string[]): string {
  const { folders, stem } = partsOf(file);
  return [...folders, stem, ...headings].map((part) => part.replaceAll('.', '·')).join('.');
}

function partsOf(file: string): { folders: readonly string[]; folder: string; stem: string } {
  const parts = file.replace(/(?:\.test|\.case)?\.ts$/, '').split('/');
  const stem = parts.at(-1) ?? file;
  const folders = parts.slice(parts[0] === 'suites' ? 1 : 0, -1);
  return { folders, folder: folders.at(-1) ?? 'tests', stem };
}

const acronyms = new Map(
  ['rpc', 'rls', 'sql', 'cli', 'ci', 'junit', 'dm', 'api', 'ddl', 'url'].map((word) => [word, word.toUpperCase()]),
);

function title(slug: string): string {
  const words = slug.split(/[-_.]/).map((word) => (word === 'junit' ? 'JUnit' : (acronyms.get(word) ?? word)));
  return words
    .map((word) => (/^v\d+$/.test(word) ? word.toUpperCase() : word))
    .join(' ')
    .replace(/^./, (letter) => letter.toUpperCase());
}
