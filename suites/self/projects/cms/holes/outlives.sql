-- expect: session-setting-outlives:call:public.set_me(uuid)
CREATE OR REPLACE FUNCTION set_me(p_user uuid) RETURNS void LANGUAGE sql AS $$ SELECT set_config('app.current_user_id', p_user::text, false) $$;
