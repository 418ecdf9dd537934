-- expect: write-give-away:update:public.polls
alter policy p3 on polls with check (question <> '');
