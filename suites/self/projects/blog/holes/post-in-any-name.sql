-- expect: write-forged-owner:insert:public.posts
alter policy "write own" on posts with check (true);
