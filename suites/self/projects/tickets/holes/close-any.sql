-- expect: rpc-foreign-row:call:public.close_ticket(bigint)
CREATE OR REPLACE FUNCTION public.close_ticket(ticket bigint) RETURNS public.ticket_status LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE st public.ticket_status;
BEGIN
  UPDATE public.tickets SET status = 'solved' WHERE id = ticket RETURNING status INTO st;
  IF NOT FOUND THEN RAISE EXCEPTION 'not found' USING ERRCODE = 'no_data_found'; END IF;
  RETURN st;
END $$;
