-- expect: write-forged-owner:insert:public.media write-give-away:update:public.media
ALTER POLICY media_all ON media WITH CHECK (filename <> '');
