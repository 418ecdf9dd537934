-- expect: write-forged-owner:insert:public.likes
alter policy "like" on likes with check (exists (select 1 from posts where posts.id = post_id));
