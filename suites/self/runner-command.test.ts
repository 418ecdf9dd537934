/** What the runner understands of arguments and environment, and with which sentence it refuses the rest. */

import { describe, expect, test } from 'vitest';
import { readCommand } from '../../scripts/run/command.ts';

const root = process.cwd();

describe('A run is refused with one sentence', () => {
  test.for([
    [
      'in CI without a seed',
      ['self'],
      { CI: '1' },
      'A run in CI needs a seed, so that it can be repeated, and ROWPROOF_SEED is not set.',
    ],
    ['with a seed that is none', ['self'], { ROWPROOF_SEED: '1e3' }, 'ROWPROOF_SEED is `1e3`, which is not a seed.'],
    [
      'with a seed that is too large',
      ['self'],
      { ROWPROOF_SEED: '2147483648' },
      'ROWPROOF_SEED is `2147483648`, which is not a seed.',
    ],
    ['without a suite', [], {}, 'No suite was named.'],
    ['with an unknown suite', ['chess'], {}, 'There is no suite `chess`.'],
    [
      'with a worker count that is none',
      ['self'],
      { ROWPROOF_WORKERS: 'many' },
      'ROWPROOF_WORKERS is `many`, which is not a number of workers.',
    ],
    ['without a project to attack', ['attacks'], {}, 'The attacks need a project, and PROJECT is not set.'],
    [
      'with a project that is not there',
      ['attacks'],
      { PROJECT: '/no/where' },
      'PROJECT names /no/where, which does not exist.',
    ],
    ['with an option that is none', ['self', '--frobnicate', 'x'], {}, 'There is no option `--frobnicate`.'],
    ['with --to and no version', ['attacks', '--to'], { PROJECT: root }, '--to needs a value.'],
    ['with a value for --strict', ['attacks', '--strict=no'], { PROJECT: root }, '--strict takes no value.'],
    ['with an unknown platform', ['attacks'], { PROJECT: root, ROWPROOF_PLATFORM: 'x' }, 'There is no platform `x`.'],
    [
      'with a flag that npm kept',
      ['attacks'],
      { PROJECT: root, npm_config_continue: 'true' },
      'npm took --continue for a setting of its own, so it did not arrive.',
    ],
    ['with --to where no attacks run', ['self', '--to', '2'], {}, '--to is for the attacks alone.'],
    ['with --full where there is no chaos', ['acceptance', '--full'], {}, '--full is for chaos alone.'],
    ['with a value for --full', ['chaos', '--full=no'], {}, '--full takes no value.'],
    [
      'with a flag of chaos that npm kept',
      ['chaos'],
      { npm_config_full: 'true' },
      'npm took --full for a setting of its own, so it did not arrive.',
    ],
  ] as const)('%s', ([, args, env, sentence]) => {
    expect(() => readCommand(args, env)).toThrow(expect.objectContaining({ name: 'CannotRun', message: sentence }));
  });
});

describe('A run is understood', () => {
  test('outside CI it needs no seed: one is drawn', () => {
    const { seed, drawn } = readCommand(['self'], {});
    expect(drawn).toBe(true);
    expect(Number.isInteger(seed) && seed >= 0).toBe(true);
  });

  test('all means acceptance and self, with two workers', () => {
    const command = readCommand(['all', 'memory', '-t', 'T-MEM-01'], { ROWPROOF_SEED: '7' });
    expect(command).toMatchObject({
      suites: ['acceptance', 'self'],
      filters: ['memory'],
      workers: 2,
      seed: 7,
      drawn: false,
      project: null,
    });
    expect(command.vitest.testNamePattern).toBe('T-MEM-01');
  });

  test.for([
    ['flags', ['attacks', '--continue', 'reads', '--to', '2', '--platform=plain', '--strict'], {}],
    [
      'variables',
      ['attacks', 'reads'],
      { ROWPROOF_TO: '2', ROWPROOF_PLATFORM: 'plain', ROWPROOF_CONTINUE: '1', ROWPROOF_STRICT: 'true' },
    ],
  ] as const)('how a project is migrated is said by %s', ([, args, env]) => {
    const command = readCommand(args, { ROWPROOF_SEED: '7', PROJECT: root, ...env });
    expect(command).toMatchObject({
      staging: { to: '2', platform: 'plain', continueOnError: true },
      strict: true,
      filters: ['reads'],
    });
    expect(command.replay).toContain('npm run test:attacks -- --to 2 --platform plain --continue --strict reads');
  });

  test('chaos takes a sample of its cells and tells little of what is held, unless it is asked for more', () => {
    expect(readCommand(['chaos'], {})).toMatchObject({ suites: ['chaos'], full: false, verbose: false });
    const command = readCommand(['chaos', '--', 'scenarios', '--full', '--verbose'], { ROWPROOF_SEED: '7' });
    expect(command).toMatchObject({ full: true, verbose: true, filters: ['scenarios'] });
    expect(command.replay).toBe('ROWPROOF_SEED=7 npm run test:chaos -- --full --verbose scenarios');
  });

  test('variables for the attacks mean nothing to other suites', () => {
    expect(readCommand(['self'], { ROWPROOF_TO: '2', ROWPROOF_STRICT: '1' })).toMatchObject({
      staging: {},
      strict: false,
    });
  });

  test('its replay line repeats seed, server, project, suite and filters', () => {
    const env = {
      ROWPROOF_SEED: '7',
      ROWPROOF_SERVER: 'container',
      ROWPROOF_PG_IMAGE: 'postgres:17',
      PROJECT: root,
      ROWPROOF_DATABASE_URL: 'postgres://a:secret@b/c',
    };
    expect(readCommand(['attacks', '--', 'reads', '-t', 'it is'], env).replay).toBe(
      `ROWPROOF_SEED=7 ROWPROOF_SERVER=container ROWPROOF_PG_IMAGE=postgres:17 PROJECT=${root} npm run test:attacks -- reads -t 'it is'`,
    );
  });
});
