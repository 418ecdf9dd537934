-- expect: write-forged-owner:insert:api.pages write-give-away:update:api.pages
alter policy tenant on api.pages with check (exists (select 1 from api.sites s where s.id = site_id));
