-- expect: write-forged-owner:insert:public.documents write-give-away:update:public.documents
alter policy d on documents with check (true);
