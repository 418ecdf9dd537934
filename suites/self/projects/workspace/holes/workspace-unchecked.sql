-- expect: write-forged-owner:insert:public.workspaces write-give-away:update:public.workspaces
alter policy ws_all on public.workspaces with check (true);
