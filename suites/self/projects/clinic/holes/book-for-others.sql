-- expect: write-foreign-parent:insert:public.appointments write-forged-owner:insert:public.appointments
alter policy "book" on appointments with check (auth.uid() is not null);
