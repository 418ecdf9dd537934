/** Which conditions of a policy open a row to everybody on purpose, and which say nothing of the kind. */

import { expect, test } from 'vitest';
import { publishingQueries } from '../../fixtures/engine/neutral.ts';

test.each([
  ['true', 1],
  ['is_public', 1],
  [`status = 'published'`, 1],
  [`status <> 'draft'`, 1],
  [`status IN ('active', 'sold')`, 1],
  ['NOT is_private', 1],
  ['published_at IS NOT NULL', 1],
  ['starts_at <= now()', 1],
  ['auth.uid() IS NOT NULL', 1],
  [`auth.role() = 'authenticated'`, 1],
  [`is_public AND deleted_at IS NULL`, 1],
  [`is_public OR owner_id = auth.uid()`, 1],
  ['owner_id = auth.uid()', 0],
  ['deleted_at IS NULL', 0],
  ['NOT is_deleted', 0],
  ['NOT is_admin', 0],
  ['title IS NOT NULL', 0],
  [`title <> ''`, 0],
  ['quantity > 0', 0],
  ['length(title) > 0', 0],
  ['id = id', 0],
  ['expires_at > now()', 0],
  [`status = 'published' AND is_member(team_id)`, 0],
  [`EXISTS (SELECT FROM public.members)`, 0],
])('%s opens %i times', (using, times) => {
  expect(publishingQueries(using, 'public.t', 'id')).toHaveLength(times);
});
