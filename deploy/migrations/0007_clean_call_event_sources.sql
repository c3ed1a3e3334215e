-- call_event_sources, the ledger behind exactly-once, got a row for each event and lost none.

-- Deletes at most `most` rows that are older than `older_than`, and returns how many. A row is needed for as long as
-- the same webhook can come again: webhooks.raw keeps a message for 7 days, so no row that is younger than 8 may go;
-- providers, reconciliation and replayed dead letters (kept for 90 days) can send it later still.
CREATE FUNCTION clean_call_event_sources(older_than interval, most integer) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  deleted bigint;
BEGIN
  IF older_than < interval '8 days' THEN
    RAISE EXCEPTION 'rows of call_event_sources are needed for at least 8 days' USING ERRCODE = '22023';
  END IF;
  DELETE FROM call_event_sources WHERE event_id IN (
    SELECT event_id FROM call_event_sources WHERE first_seen_at < now() - older_than LIMIT most
    FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION clean_call_event_sources FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clean_call_event_sources TO trunkline_normalizer;
