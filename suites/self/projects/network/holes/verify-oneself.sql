-- expect: write-privileged-column:update:public.profiles.verified
grant update on public.profiles to authenticated;
