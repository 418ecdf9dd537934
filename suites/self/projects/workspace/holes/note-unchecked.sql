-- expect: write-forged-owner:insert:public.notes write-give-away:update:public.notes
alter policy notes_all on public.notes with check (true);
