-- fails: follows 002
insert into public.settings (user_id, theme) select id, 'dark' from public.people;
