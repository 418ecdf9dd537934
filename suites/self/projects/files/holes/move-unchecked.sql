-- expect: rpc-foreign-row:call:public.move_file(uuid,uuid)
create or replace function move_file(p_file_id uuid, p_folder_id uuid default null) returns void language plpgsql security definer set search_path = public as $$
begin
  update files set folder_id = p_folder_id where id = p_file_id;
end $$;
