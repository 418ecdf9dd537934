-- expect: read-foreign-row:select:public.documents write-foreign-row:update:public.documents write-foreign-row:delete:public.documents write-forged-owner:insert:public.documents write-give-away:update:public.documents
drop policy d on documents;
create policy d on documents for all to authenticated using (content is null or content <> '') with check (true);
