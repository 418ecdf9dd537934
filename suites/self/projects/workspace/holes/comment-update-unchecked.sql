-- expect: write-give-away:update:public.comments
alter policy comments_update on public.comments with check (true);
