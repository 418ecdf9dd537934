/** The service's work by the rules: maintenance, rebuilds, purges, migrations, sweeps, settings. */

import { log, reasonRefusal } from './model-audit.ts';
import type { CommandOf } from './model-commands.ts';
import { actorOf, once } from './model-identity.ts';
import { writeRefusal } from './model-membership.ts';
import {
  type Classification,
  done,
  type LoggedEvent,
  type Mode,
  type Reply,
  refused,
  type Scope,
  type State,
  scopeOf,
  type Work,
} from './model-state.ts';

const steps: { readonly [from in Mode]: readonly string[] } = {
  normal: ['maintenance_write_freeze'],
  maintenance_write_freeze: ['normal', 'read_only_safe', 'maintenance_full'],
  read_only_safe: ['maintenance_write_freeze'],
  maintenance_full: ['maintenance_write_freeze'],
};
const keptDays: { readonly [of in Classification]: number } = { normal: 365, sensitive: 180, regulated: 730 };
const longName = (mode: string) => (mode === 'write_freeze' ? 'maintenance_write_freeze' : mode);
const batchRefusal = (batch: number | null) =>
  batch === null || batch < 1 || batch > 100_000 ? refused('batch_invalid') : null;
const isDone = ({ step }: Work) => step === 'finished';

export function setMode(state: State, command: CommandOf<'mode'>): Reply {
  const { by, reason } = command;
  const mode = longName(command.mode) as Mode;
  return once(state, { ...command, command: 'set_maintenance', payload: { mode } }, () => {
    const scope = scopeOf(state, command.scope);
    const no = reasonRefusal(reason) ?? maintenanceRefusal(state, scope, mode);
    if (no || !scope) return no ?? refused('scope_not_found');
    scope.mode = mode;
    if (mode === 'read_only_safe') snapshot(scope);
    log(state, by, scope.name, 'set_maintenance', reason, mode);
    return done('maintenance_set', { system_mode: mode });
  });
}

/** Step by step, three times an hour, not amid other work; into and out of maintenance_full by two operators. */
function maintenanceRefusal(state: State, scope: Scope | undefined, mode: Mode): Reply | null {
  if (!scope) return refused('scope_not_found');
  if (!steps[scope.mode].includes(mode)) return refused('maintenance_transition_invalid');
  const changes = state.actions.filter(({ action, scope: of }) => action === 'set_maintenance' && of === scope.name);
  if (changes.filter(({ recent }) => recent).length >= 3) return refused('maintenance_rate_exceeded');
  const full = mode === 'maintenance_full' || scope.mode === 'maintenance_full';
  const busy = scope.journal.filter((work) => !isDone(work)).map(({ kind }) => kind);
  if (busy.includes('migration') || (full && busy.includes('retention_purge'))) return refused('work_in_progress');
  if (full && approvals(state, scope.name, mode) < 2) return refused('approvals_required', { approvals: 2 });
  const rebuilding = Object.values(scope.projections).some((projection) => projection.mode === 'rebuilding');
  return mode === 'normal' && rebuilding ? refused('rebuild_required') : null;
}

/** Operators who agreed within the hour and since the last change. */
function approvals(state: State, scope: string, mode: Mode): number {
  const here = state.actions.filter((one) => one.scope === scope);
  const since = here.slice(here.findLastIndex(({ action }) => action === 'set_maintenance') + 1);
  const agreed = since.filter((one) => one.action === 'approve_maintenance' && one.mode === mode && one.recent);
  return new Set(agreed.map(({ actor }) => actor)).size;
}

export function approve(state: State, command: CommandOf<'approve'>): Reply {
  const { by, reason } = command;
  const mode = longName(command.mode) as Mode;
  return once(state, { ...command, command: 'approve_maintenance', payload: { mode } }, () => {
    const no = reasonRefusal(reason);
    if (no) return no;
    if (actorOf(by) === null) return refused('operator_unknown');
    if (mode !== 'maintenance_full' && mode !== 'maintenance_write_freeze') return refused('not_applicable');
    const scope = scopeOf(state, command.scope);
    if (!scope) return refused('scope_not_found');
    log(state, by, scope.name, 'approve_maintenance', reason, mode);
    return done('maintenance_approved', { approvals: approvals(state, scope.name, mode) });
  });
}

function snapshot(scope: Scope): void {
  scope.snapshots = [...new Set([...scope.snapshots, scope.max])];
}

/** The work that is in progress, or a new piece of it. */
function workOf(scope: Scope, kind: Work['kind'], step: Work['step']): Work {
  const found = scope.journal.find((work) => work.kind === kind && !isDone(work));
  if (found) return found;
  const made: Work = { kind, step, checkpoint: 0, attempts: 0 };
  scope.journal.push(made);
  return made;
}

/** A new version of the projections from zero, a batch a call. */
export function rebuild(state: State, command: CommandOf<'rebuild'>): Reply {
  const { batch } = command;
  return once(state, { ...command, command: 'rebuild_projection', payload: { batch } }, () => {
    const scope = scopeOf(state, command.scope);
    const no = batchRefusal(batch);
    if (no || !scope || batch === null) return no ?? refused('scope_not_found');
    const work = workOf(scope, 'projection_rebuild', 'snapshot');
    const projections = Object.values(scope.projections);
    if (work.step === 'snapshot') {
      scope.version += 1;
      for (const projection of projections) projection.mode = 'rebuilding';
    }
    const to = Math.min(work.checkpoint + batch, scope.max);
    scope.watermark = to;
    for (const projection of projections) projection.last = to;
    const ends = to === scope.max;
    if (ends) for (const projection of projections) projection.mode = 'normal';
    advance(work, ends ? 'finished' : 'apply', to);
    return done(ends ? 'projection_rebuilt' : 'projection_rebuilding', { watermark_seq: to, scope_max_seq: scope.max });
  });
}

function advance(work: Work, step: Work['step'], checkpoint: number): void {
  Object.assign(work, { step, checkpoint, attempts: work.attempts + 1 });
}

export function purge(state: State, command: CommandOf<'purge'>): Reply {
  const { batch } = command;
  return once(state, { ...command, command: 'purge_retention', payload: { batch } }, () => {
    const scope = scopeOf(state, command.scope);
    const no = batchRefusal(batch);
    if (no || !scope || batch === null) return no ?? refused('scope_not_found');
    if (scope.mode === 'read_only_safe' || scope.mode === 'maintenance_full') return writeRefusal(scope) as Reply;
    // A moment has passed besides the days.
    const isDue = ({ age, classification }: LoggedEvent) => age >= keptDays[classification];
    const gone = new Set(scope.events.filter(isDue).slice(0, batch));
    scope.events = scope.events.filter((event) => !gone.has(event));
    const work = workOf(scope, 'retention_purge', 'apply');
    const ends = gone.size < batch;
    advance(work, ends ? 'finished' : 'apply', work.checkpoint + gone.size);
    return done(ends ? 'purged' : 'purging', { purged: gone.size });
  });
}

/** Of the one migration that there is: it hashes what is there anew, and finds it as it was. */
export function migrate(state: State, command: CommandOf<'migrate'>): Reply {
  const { batch, migration } = command;
  return once(state, { ...command, command: 'migration_step', payload: { migration, batch } }, () => {
    const no = batchRefusal(batch);
    if (no || batch === null) return no ?? refused('batch_invalid');
    if (migration !== 'rehash_payloads') return refused('migration_unknown');
    const scope = scopeOf(state, command.scope);
    if (!scope) return refused('scope_not_found');
    if (scope.mode !== 'read_only_safe') return refused('read_only_required');
    if (scope.journal.some((work) => work.kind === 'migration' && isDone(work)))
      return { told: done('migration_finished', { step: 'finished' }) };
    return migrated(scope, workOf(scope, 'migration', 'snapshot'), batch);
  });
}

function migrated(scope: Scope, work: Work, batch: number): Reply {
  const { checkpoint, step } = work;
  if (step === 'snapshot') {
    snapshot(scope);
    advance(work, 'apply', 0);
    return done('migration_started', { step });
  }
  if (step === 'apply') {
    const to = Math.min(checkpoint + batch, scope.max);
    advance(work, to === scope.max ? 'verify' : 'apply', to);
    return done('migration_applied', { step, from: checkpoint + 1, checkpoint: to });
  }
  advance(work, 'finished', checkpoint);
  return done('migration_finished', { step: 'finished' });
}

/** Over all scopes at once: what has run out, what is old, what no longer counts. */
export function sweep(state: State, command: CommandOf<'expire' | 'archive' | 'purgeRates'>): Reply {
  const { batch } = command;
  const name = { expire: 'expire_invites', archive: 'archive_outcomes', purgeRates: 'purge_rate_limits' }[command.do];
  return once(state, { ...command, scope: null, command: name, payload: { batch } }, () => {
    const no = batchRefusal(batch);
    if (no) return no;
    if (command.do === 'purgeRates') return done('rate_limits_purged', { purged: 0 });
    if (command.do === 'expire') {
      const due = state.invites.filter(({ status, overdue }) => status === 'pending' && overdue);
      for (const invite of due) invite.status = 'expired';
      return done('invites_expired', { expired: due.length });
    }
    const old = state.outcomes.filter((outcome) => outcome.tier === 'hot' && outcome.old);
    for (const outcome of old) outcome.tier = 'archive';
    return done('outcomes_archived', { archived: old.length });
  });
}

export function setting(state: State, command: CommandOf<'setting'>): Reply {
  const { by, name, value, reason } = command;
  return once(state, { ...command, scope: null, command: 'set_setting', payload: { name, value } }, () => {
    const no = reasonRefusal(reason);
    if (no) return no;
    if (name !== 'dm_self_allowed') return refused('setting_unknown');
    if (value === null || value < 0) return refused('setting_invalid');
    state.selfAllowed = value === 1;
    log(state, by, null, 'set_setting', reason);
    return done('setting_set', { name, value });
  });
}
