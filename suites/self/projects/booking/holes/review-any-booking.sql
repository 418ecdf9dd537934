-- expect: write-foreign-parent:insert:public.reviews
alter policy "review own booking" on reviews with check ((select auth.uid()) = author);
