/** What holds up everybody who appends to a scope of Platform core. */

import { become } from '../../fixtures/act/act.ts';
import { down } from '../faults/down.ts';
import type { ScenarioStage } from '../scenario.ts';
import { askInPieces, connected, said } from './calls.ts';
import { drawn } from './chance.ts';
import { type Core, key, probeOf } from './core.ts';
import { messageOrder, type Order } from './core-orders.ts';

/** Holds everybody up, until what it returns lets them go. */
export type Hold = (stage: ScenarioStage, core: Core) => Promise<Held>;

export interface Held {
  readonly says: string;
  readonly release: () => Promise<void>;
  /** What must not be there afterwards; null: there is nothing such. */
  readonly denied: Order | null;
  /** Whether that is still to be asked for, beside the others. */
  readonly asks: boolean;
}

/** A long transaction of Ann's takes somebody out of the group: they must be refused, though their call was there before. */
export const byOperator: Hold = async ({ db }, core) => {
  const [out = core.ann] = core.members;
  const holder = await db.connectAsOwner();
  const args = { p_scope: core.scope, p_user: String(out.user), p_action: 'remove', p_reason_code: 'user_request' };
  const removal = probeOf(core.ann, 'core_change_membership_v1', { ...args, p_key: key() });
  await holder.script(['BEGIN', ...become(core.ann), removal.sql].join(';'));
  return {
    says: `Ann takes ${out.name} out of the group, and has not yet committed`,
    release: async () => void (await holder.script('COMMIT')),
    denied: messageOrder(core, out),
    asks: true,
  };
};

export const byTable: Hold = async ({ db, seed }) => {
  const lock = drawn(2, seed, 'table') === 0 ? 'public.core_events IN SHARE' : 'core.outcomes_hot IN ACCESS EXCLUSIVE';
  const holder = await db.connectAsOwner();
  await holder.script(`BEGIN; LOCK TABLE ${lock} MODE`);
  const release = async () => void (await holder.script('COMMIT'));
  return { says: `somebody holds ${lock} mode`, release, denied: null, asks: false };
};

/** A client has appended and does not commit: its line is cut, and what it did must go with it. */
export const byClient: Hold = async (stage, core) => {
  const line = await stage.open();
  const [, , author = core.ann] = core.members;
  const session = await connected(stage, { name: author.name, line });
  const { promise: isCut, resolve: cut } = Promise.withResolvers<void>();
  const { promise: hasAppended, resolve: appended } = Promise.withResolvers<void>();
  const order = messageOrder(core, author);
  const asked = askInPieces(session, order.probe, () => {
    appended();
    return isCut;
  });
  await Promise.race([hasAppended, asked]);
  return {
    says: `${author.name} has appended a message, and has not yet committed`,
    release: async () => {
      const heal = await stage.strike(down, line);
      cut();
      stage.tell(author.name, said(await asked));
      await heal();
    },
    denied: order,
    asks: false,
  };
};
