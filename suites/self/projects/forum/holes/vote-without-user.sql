-- expect: write-forged-owner:insert:public.votes
alter policy "Vote on what you see" on votes with check (exists (select 1 from posts p where p.id = votes.post_id));
