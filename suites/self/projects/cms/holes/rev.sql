-- expect: write-forged-owner:insert:public.revisions
ALTER POLICY rev_insert ON revisions WITH CHECK (EXISTS (SELECT 1 FROM pages p WHERE p.id = page_id AND p.author_id = me()));
