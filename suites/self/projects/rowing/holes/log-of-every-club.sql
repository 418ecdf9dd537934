-- expect: read-foreign-row:select:public.training_log
alter policy "log of my club" on training_log using (my_club() is not null);
