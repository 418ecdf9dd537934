-- expect: write-forged-owner:insert:public.club_posts
alter policy po_ins on public.club_posts with check (public.is_member(club_id));
