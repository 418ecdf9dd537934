-- expect: write-foreign-parent:insert:public.crew_seats
create policy "take a seat" on crew_seats for insert to authenticated
  with check (card_id in (select id from rower_cards where account = auth.uid()));
