-- Plans that calls were given while they went on. They stand before the plan of the dial and that of the number.
CREATE TABLE call_plans (
  business_id uuid NOT NULL,
  call_id uuid NOT NULL,
  plan bytea NOT NULL,  -- trunkline.plans.v1.CallPlan
  given_at timestamptz NOT NULL,
  PRIMARY KEY (business_id, call_id)
);
CREATE INDEX call_plans_age ON call_plans USING brin (given_at);
CALL isolate_businesses('call_plans');
GRANT SELECT, INSERT, UPDATE, DELETE ON call_plans TO trunkline_gateway;

-- What the gateway asked providers about calls, and what came of it: for the timeline of a call. Written a moment later;
-- a crash may lose the latest.
CREATE TABLE provider_requests (
  asked_at timestamptz NOT NULL,
  took interval NOT NULL,
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL,
  call_id uuid NOT NULL,
  operation text NOT NULL,  -- place_call, end_call, hold ...
  outcome text NOT NULL,    -- placed, ok, in_doubt, NOT_FOUND ...
  message text,
  traceparent text
) PARTITION BY RANGE (asked_at);
CREATE INDEX provider_requests_call ON provider_requests (call_id);
CREATE TABLE provider_requests_default PARTITION OF provider_requests DEFAULT;
CALL isolate_businesses('provider_requests');
GRANT SELECT ON provider_requests TO trunkline_gateway;
GRANT SELECT, INSERT ON provider_requests TO trunkline_gateway_worker;

-- Which gateway keeps the connection of an account whose provider sends its news over one.
CREATE TABLE provider_links (
  provider_account_id uuid PRIMARY KEY REFERENCES telephony_providers,
  holder uuid NOT NULL,
  held_until timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON provider_links TO trunkline_gateway_worker;

-- As before, with provider_requests.
CREATE OR REPLACE FUNCTION create_monthly_partitions(months integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  parent text;
  month date;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('create_monthly_partitions'));
  FOREACH parent IN ARRAY ARRAY['call_events', 'webhook_logs', 'provider_requests'] LOOP
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
SELECT create_monthly_partitions(2);

-- A dial that nobody can tell about ends by its business's policy.
ALTER TABLE dial_intents DROP CONSTRAINT dial_intents_resolved_by_check,
  ADD CONSTRAINT dial_intents_resolved_by_check CHECK (resolved_by IN ('reply', 'webhook', 'listing', 'policy'));

-- Of a call's timeline, the request that it began with.
CREATE INDEX call_requests_call ON call_requests (call_id);
