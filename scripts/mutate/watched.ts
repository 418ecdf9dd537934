/** Reads a reference system's `guards.yaml`: which protections each of its T-tests watches. */

import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isMap, isNode, isScalar } from 'yaml';
import { explainSchemaError } from '../../fixtures/contract/explain.ts';
import { suggestion } from '../../fixtures/contract/suggest.ts';
import { readYaml, type Yaml } from '../../fixtures/contract/yaml.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';
import { requirementLines } from '../../reports/names.ts';
import schema from './guards.schema.json' with { type: 'json' };

/** What a test watches, by T-id, in the file's order. A test that watches none is not in it: it judges no mutant. */
export type Watched = ReadonlyMap<string, Watching>;

export interface Watching {
  readonly guards: readonly string[];
  /** The T-id whose tests call with success what the guards protect: they pass without them. Null: nobody asks. */
  readonly happy: string | null;
  /** Why more than a few ids may fail without them. */
  readonly reason: string | null;
}

interface Draft {
  readonly version: 1;
  readonly tests: { readonly [id: string]: readonly string[] | { readonly none: string } | Held };
}

interface Held {
  readonly guards: readonly string[];
  readonly happy: string;
  readonly reason?: string;
}

const validateDraft = new Ajv2020({ allowUnionTypes: true, verbose: true }).compile<Draft>(schema);
const HINT = 'Correct that line; scripts/mutate/guards.schema.json says what the file may hold.';

/**
 * @param path of a `guards.yaml`
 * @param requirements path of the `requirements.md` whose ids it must name, each once
 * @param known guards of all mutants; null: not all are known, so that any may be named
 * @throws CannotRun with file and line of the first mistake
 */
export async function readWatched(
  path: string,
  requirements: string,
  known: ReadonlySet<string> | null,
): Promise<Watched> {
  const yaml = await readYaml(path);
  const { value, document, lines } = yaml;
  if (!validateDraft(value)) {
    const { line, sentence } = explainSchemaError(validateDraft.errors ?? [], document, lines);
    throw new CannotRun(`${path}, line ${line}: ${sentence}.`, HINT);
  }
  const ids = Object.keys(value.tests);
  refuseOtherIds(path, ids, requirementLines(await readFile(requirements, 'utf8')), yaml);
  const watched = Object.entries(value.tests).flatMap(([id, line]): [string, Watching][] =>
    'none' in line ? [] : [[id, watchingOf(line)]],
  );
  if (known !== null) refuseOtherGuards(path, watched, known, yaml);
  refuseUnhappy(path, watched, yaml);
  return new Map(watched);
}

function watchingOf(line: readonly string[] | Held): Watching {
  if (!('guards' in line)) return { guards: line, happy: null, reason: null };
  return { guards: line.guards, happy: line.happy, reason: line.reason ?? null };
}

function refuseUnhappy(path: string, watched: readonly (readonly [string, Watching])[], yaml: Yaml): void {
  const judges = watched.map(([id]) => id);
  const stray = watched.find(([id, { happy }]) => happy === id || (happy !== null && !judges.includes(happy)));
  if (stray === undefined) return;
  throw new CannotRun(
    `${path}, line ${lineOf(yaml, ['tests', stray[0], 'happy'])}: ${stray[1].happy} is no other test that watches guards.`,
    `Name one that passes without the guards of ${stray[0]}.`,
  );
}

function refuseOtherIds(path: string, ids: readonly string[], wanted: readonly string[], yaml: Yaml): void {
  const stray = ids.find((id) => !wanted.includes(id));
  if (stray !== undefined) {
    throw new CannotRun(
      `${path}, line ${lineOfKey(yaml, stray)}: ${stray} is no line of requirements.md.`,
      'Remove it, or write the requirement.',
    );
  }
  const missing = wanted.find((id) => !ids.includes(id));
  if (missing === undefined) return;
  throw new CannotRun(
    `${path} says nothing of ${missing}.`,
    `Name the guards that it watches, or \`${missing}: {none: <why it watches none>}\`.`,
  );
}

function refuseOtherGuards(
  path: string,
  watched: readonly (readonly [string, Watching])[],
  known: ReadonlySet<string>,
  yaml: Yaml,
): void {
  const named = watched.flatMap(([id, { guards, happy }]) =>
    guards.map((guard, at) => ({ guard, place: ['tests', id, ...(happy === null ? [] : ['guards']), at] })),
  );
  const stray = named.find(({ guard }) => !known.has(guard));
  if (stray === undefined) return;
  throw new CannotRun(
    `${path}, line ${lineOf(yaml, stray.place)}: no mutant has the guard \`${stray.guard}\`${suggestion(stray.guard, [...known])}.`,
    'Write it as `npm run mutate -- <folder> --map` prints it.',
  );
}

function lineOf({ document, lines }: Yaml, path: readonly (string | number)[]): number {
  const node = document.getIn(path, true);
  return lines.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0).line;
}

function lineOfKey({ document, lines }: Yaml, id: string): number {
  const tests = document.get('tests', true);
  const pair = isMap(tests) ? tests.items.find(({ key }) => isScalar(key) && key.value === id) : undefined;
  return lines.linePos((isNode(pair?.key) ? pair.key.range?.[0] : undefined) ?? 0).line;
}
