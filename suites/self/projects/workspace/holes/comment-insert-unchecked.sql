-- expect: write-forged-owner:insert:public.comments
alter policy comments_insert on public.comments with check (true);
