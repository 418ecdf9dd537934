/** Reads the words of a command: flags and at most one other word. Each mistake is one sentence. */

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CannotRun } from '../../fixtures/model/errors.ts';
import { commandLine } from './places.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Env = Readonly<Record<string, string | undefined>>;

export interface Words {
  /** Text flags that were given. */
  readonly text: ReadonlyMap<string, string>;
  /** Switches that were given. */
  readonly on: ReadonlySet<string>;
  /** What is no flag. */
  readonly words: readonly string[];
}

/** @throws CannotRun for a flag that there is not, a flag without its value, or one that npm took for its own. */
export function readWords(command: string, argv: readonly string[], options: Options, env: Env): Words {
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const text = new Map<string, string>();
  const on = new Set<string>();
  const words: string[] = [];
  const help = `Run \`${commandLine(env, command)} --help\` to see those there are.`;
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options[token.name];
    if (!option) throw new CannotRun(`There is no option \`${token.rawName}\`.`, help);
    if (option.type === 'boolean') {
      if (token.value !== undefined)
        throw new CannotRun(`--${token.name} takes no value.`, `Write \`--${token.name}\`.`);
      on.add(token.name);
    } else if (!token.value || (token.value.startsWith('--') && token.inlineValue === false))
      throw new CannotRun(`--${token.name} needs a value.`, `Write it as \`--${token.name} <${token.name}>\`.`);
    else text.set(token.name, token.value);
  }
  refuseSwallowed(command, Object.keys(options), { text, on, words }, env);
  return { text, on, words };
}

/** Without `--` before it npm takes a flag for a setting of its own, and the run would silently go without it. */
function refuseSwallowed(command: string, names: readonly string[], { text, on }: Words, env: Env): void {
  if (env['npm_lifecycle_event'] !== command) return;
  // `--only` and `--quiet` are npm's own words, too: it may have been told them for itself.
  const taken = names.find(
    (name) => !text.has(name) && !on.has(name) && env[`npm_config_${name.replaceAll('-', '_')}`],
  );
  if (taken === undefined || taken === 'only' || taken === 'quiet') return;
  throw new CannotRun(
    `npm took --${taken} for a setting of its own, so it did not arrive.`,
    `Put \`--\` before it: \`npm run ${command} -- --${taken}\`.`,
  );
}

/** The value, where it is one of these. @throws CannotRun where it is another. */
export function oneOf<T extends string>(flag: string, given: string | undefined, known: readonly T[]): T | undefined {
  if (given === undefined) return undefined;
  const found = known.find((one) => one === given);
  if (found === undefined)
    throw new CannotRun(`There is no ${flag.replaceAll('-', ' ')} \`${given}\`.`, `Name one of ${known.join(', ')}.`);
  return found;
}
