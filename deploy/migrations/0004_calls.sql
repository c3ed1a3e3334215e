-- Calls and their events. The normalizer alone writes these tables.

-- Calls in progress, and calls that ended: the same columns, so that a call moves from one to the other as it is. The
-- columns are read from the merged state, which is kept beside them and is the truth.
CREATE TABLE call_queue (
  call_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  provider text,
  provider_account_id uuid,
  external_call_id text,
  direction text NOT NULL,
  status text NOT NULL,
  from_number text,
  to_number text,
  caller_name text,
  parent_call_id uuid,
  campaign_id text,
  attempt_id text,
  answered_by text,
  hangup_cause text,
  hangup_source text,
  error_code text,
  error_message text,
  provider_error_code text,
  started_at timestamptz NOT NULL,
  requested_at timestamptz,
  initiated_at timestamptz,
  queued_at timestamptz,
  ringing_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  total_milliseconds bigint,
  ring_milliseconds bigint,
  talk_milliseconds bigint,
  recording_url text,
  recording_status text,
  cost_micros bigint,
  cost_currency text,
  mean_opinion_score double precision,
  tags text[] NOT NULL DEFAULT '{}',
  custom_data jsonb NOT NULL DEFAULT '{}',
  last_event_at timestamptz NOT NULL,
  traceparent text,
  state bytea NOT NULL,  -- trunkline.calls.v1.CallState
  -- The name that older reports know; empty for other providers.
  twilio_call_sid text GENERATED ALWAYS AS (CASE WHEN provider = 'twilio' THEN external_call_id END) STORED
)
-- A call in progress is written several times within a minute. Room on its page and no index over what changes let
-- PostgreSQL do that in place, and the next write clean up after the last one.
WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.2);
COMMENT ON COLUMN call_queue.twilio_call_sid IS 'deprecated: read external_call_id';
CREATE TABLE call_history (LIKE call_queue INCLUDING ALL);

CREATE INDEX call_queue_business_started ON call_queue (business_id, started_at DESC, call_id DESC);
CREATE INDEX call_history_business_started ON call_history (business_id, started_at DESC, call_id DESC);
CREATE INDEX call_history_external ON call_history (provider_account_id, external_call_id);
CALL isolate_businesses('call_queue');
CALL isolate_businesses('call_history');
GRANT SELECT ON call_queue, call_history TO trunkline_gateway, trunkline_gateway_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON call_queue, call_history TO trunkline_normalizer;

-- Every event. Exactly-once rests on call_event_sources; this table needs no unique key, which spares it an index.
CREATE TABLE call_events (
  event_id uuid NOT NULL,
  call_id uuid NOT NULL,
  business_id uuid NOT NULL,
  type text NOT NULL,
  status text,
  source text NOT NULL,
  provider text,
  provider_account_id uuid,
  occurred_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  sequence bigint NOT NULL,
  webhook_id uuid,
  raw_topic text NOT NULL,
  raw_partition integer NOT NULL,
  raw_offset bigint NOT NULL,
  mapping_version integer NOT NULL,
  traceparent text,
  event bytea NOT NULL  -- trunkline.events.v1.CallEvent, without the call
) PARTITION BY RANGE (received_at);
CREATE INDEX call_events_call ON call_events (call_id);
CREATE TABLE call_events_default PARTITION OF call_events DEFAULT;
CALL isolate_businesses('call_events');
GRANT SELECT ON call_events TO trunkline_gateway, trunkline_gateway_worker;
GRANT SELECT, INSERT ON call_events TO trunkline_normalizer;

-- Which message first brought an event (promise 3). A partitioned table cannot have a unique key without its time, so
-- this small one stands beside it.
CREATE TABLE call_event_sources (
  event_id uuid PRIMARY KEY,
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX call_event_sources_age ON call_event_sources USING brin (first_seen_at);
GRANT SELECT, INSERT ON call_event_sources TO trunkline_normalizer;

-- The audit of webhooks: a row for each that was processed or refused. After a crash the same webhook may be in it
-- twice: exactly-once rests on call_event_sources, and an index for it here would cost every webhook.
CREATE TABLE webhook_logs (
  webhook_id uuid NOT NULL,
  received_at timestamptz NOT NULL,
  business_id uuid,
  provider text NOT NULL,
  provider_account_id uuid,
  event text NOT NULL,
  outcome text NOT NULL,  -- processed, duplicate, ignored, dead_letter, refused
  reason text,
  events integer NOT NULL DEFAULT 0,
  call_id uuid,
  remote_address text,
  path text,
  body_sha256 text,
  raw_topic text,
  raw_partition integer,
  raw_offset bigint
) PARTITION BY RANGE (received_at);
CREATE INDEX webhook_logs_age ON webhook_logs USING brin (received_at);
-- Refusals are written again when ingest did not get the answer. They are few; the others go without a unique index.
CREATE UNIQUE INDEX webhook_logs_refused ON webhook_logs (webhook_id, received_at) WHERE outcome = 'refused';
CREATE TABLE webhook_logs_default PARTITION OF webhook_logs DEFAULT;
CALL isolate_businesses('webhook_logs');
GRANT SELECT ON webhook_logs TO trunkline_gateway;
GRANT SELECT, INSERT ON webhook_logs TO trunkline_normalizer, trunkline_gateway_worker;

-- Creates the monthly partitions of the tables above from the current month on. Rows of the default partitions stay
-- where they are; an alert watches that there are none.
CREATE FUNCTION create_monthly_partitions(months integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  parent text;
  month date;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('create_monthly_partitions'));
  FOREACH parent IN ARRAY ARRAY['call_events', 'webhook_logs'] LOOP
    FOR month IN
      SELECT generate_series(date_trunc('month', now()), date_trunc('month', now()) + make_interval(months => months),
                             '1 month')::date
    LOOP
      IF to_regclass(format('%I', parent || to_char(month, '_YYYY_MM'))) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       parent || to_char(month, '_YYYY_MM'), parent, month, month + interval '1 month');
      END IF;
    END LOOP;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION create_monthly_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION create_monthly_partitions TO trunkline_normalizer;
SELECT create_monthly_partitions(2);
