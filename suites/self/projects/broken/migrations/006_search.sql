-- fails: a function of an extension that nobody created
create index letters_body on public.letters using gin (body no_such_ops);
