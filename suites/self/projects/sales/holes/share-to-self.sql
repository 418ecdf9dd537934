-- expect: write-foreign-parent:insert:public.document_shares
DROP POLICY "share" ON public.document_shares;
CREATE POLICY "share" ON public.document_shares FOR INSERT TO authenticated WITH CHECK (person_id = (SELECT private.me()) OR private.can_edit_document(document_id));
