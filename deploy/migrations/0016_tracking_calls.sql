-- Calls of call-tracking platforms, in the columns of all calls; what analysts read; accounts that are being cut over.

-- One rewrite of each table. Amounts are in 1/1,000,000 of the unit where the normalizer writes them, and numbers that can
-- be summed up beside it.
ALTER TABLE call_queue
  ADD COLUMN forwarded_to text,
  ADD COLUMN tracking_campaign_id text,
  ADD COLUMN tracking_campaign_key text,
  ADD COLUMN tracking_campaign_name text,
  ADD COLUMN publisher_id text,
  ADD COLUMN publisher_name text,
  ADD COLUMN publisher_sub_id text,
  ADD COLUMN buyer_id text,
  ADD COLUMN buyer_name text,
  ADD COLUMN converted boolean,
  ADD COLUMN voicemail boolean,
  ADD COLUMN status_reason text,
  ADD COLUMN revenue_micros bigint,
  ADD COLUMN payout_micros bigint,
  ADD COLUMN amounts_currency text,
  ADD COLUMN tracking_tags jsonb,
  ADD COLUMN record_changed_at timestamptz,
  ADD COLUMN record_deleted_at timestamptz,
  ADD COLUMN record_hash text,
  ADD COLUMN revenue numeric(20, 6) GENERATED ALWAYS AS (revenue_micros * 0.000001) STORED,
  ADD COLUMN payout numeric(20, 6) GENERATED ALWAYS AS (payout_micros * 0.000001) STORED,
  ADD COLUMN cost numeric(20, 6) GENERATED ALWAYS AS (cost_micros * 0.000001) STORED,
  ADD COLUMN currency text GENERATED ALWAYS AS (coalesce(amounts_currency, cost_currency)) STORED;
ALTER TABLE call_history
  ADD COLUMN forwarded_to text,
  ADD COLUMN tracking_campaign_id text,
  ADD COLUMN tracking_campaign_key text,
  ADD COLUMN tracking_campaign_name text,
  ADD COLUMN publisher_id text,
  ADD COLUMN publisher_name text,
  ADD COLUMN publisher_sub_id text,
  ADD COLUMN buyer_id text,
  ADD COLUMN buyer_name text,
  ADD COLUMN converted boolean,
  ADD COLUMN voicemail boolean,
  ADD COLUMN status_reason text,
  ADD COLUMN revenue_micros bigint,
  ADD COLUMN payout_micros bigint,
  ADD COLUMN amounts_currency text,
  ADD COLUMN tracking_tags jsonb,
  ADD COLUMN record_changed_at timestamptz,
  ADD COLUMN record_deleted_at timestamptz,
  ADD COLUMN record_hash text,
  ADD COLUMN revenue numeric(20, 6) GENERATED ALWAYS AS (revenue_micros * 0.000001) STORED,
  ADD COLUMN payout numeric(20, 6) GENERATED ALWAYS AS (payout_micros * 0.000001) STORED,
  ADD COLUMN cost numeric(20, 6) GENERATED ALWAYS AS (cost_micros * 0.000001) STORED,
  ADD COLUMN currency text GENERATED ALWAYS AS (coalesce(amounts_currency, cost_currency)) STORED;

-- Calls of accounts that are only compared with what is there (apply_mode): the same columns and the same merge, and
-- nothing of them is published. The normalizer alone writes it.
CREATE TABLE shadow_calls (LIKE call_history INCLUDING DEFAULTS INCLUDING GENERATED, PRIMARY KEY (call_id));
CREATE INDEX shadow_calls_account_started ON shadow_calls (provider_account_id, started_at);
CALL isolate_businesses('shadow_calls');
GRANT SELECT ON shadow_calls TO trunkline_gateway, trunkline_gateway_worker;
GRANT SELECT, INSERT, DELETE ON shadow_calls TO trunkline_normalizer;

-- The platforms, with what holds of an account there that does not say otherwise. A test compares it with the adapters.
CREATE TABLE tracking_platforms (
  platform text PRIMARY KEY,
  credential_type text NOT NULL,
  api_url text NOT NULL,  -- {subdomain} stands for the setting
  requests_per_second integer NOT NULL,
  requests_per_minute integer NOT NULL,
  sync_interval_seconds integer NOT NULL,
  sync_batch_size integer NOT NULL
);
INSERT INTO tracking_platforms VALUES
  ('retreaver', 'api_key', 'https://api.retreaver.com', 2, 120, 300, 100),
  ('ringba', 'api_key', 'https://api.ringba.com/v2', 2, 60, 300, 100),
  ('trackdrive', 'basic', 'https://{subdomain}.trackdrive.com/api/v1', 1, 50, 600, 50);
GRANT SELECT ON tracking_platforms TO trunkline_gateway, trunkline_gateway_worker;

-- Accounts at call-tracking platforms, as older documents know them. Credentials are not shown.
CREATE VIEW provider_configs WITH (security_invoker = true) AS
SELECT a.provider_account_id AS provider_config_id,
       a.business_id,
       a.provider AS type,
       a.display_name AS name,
       coalesce(nullif(a.settings ->> 'credential_type', ''), p.credential_type) AS credential_type,
       coalesce(nullif(a.settings ->> 'api_url', ''),
                replace(p.api_url, '{subdomain}', coalesce(a.settings ->> 'subdomain', ''))) AS api_base_url,
       '/webhooks/' || a.provider || '/' || a.provider_account_id AS webhook_path,
       coalesce(nullif(a.settings ->> 'webhook_modes', ''), 'url_token, verify_by_fetch') AS webhook_modes,
       jsonb_build_object('webhooks', true,
                          'realtime', a.provider <> 'trackdrive' OR coalesce(a.settings ->> 'realtime', '') = 'true',
                          'numberProvisioning', true, 'recording', true, 'transcription', false) AS features,
       coalesce((nullif(a.settings ->> 'requests_per_second', ''))::integer, p.requests_per_second) AS requests_per_second,
       coalesce((nullif(a.settings ->> 'requests_per_minute', ''))::integer, p.requests_per_minute) AS requests_per_minute,
       (nullif(a.settings ->> 'requests_per_hour', ''))::integer AS requests_per_hour,
       (nullif(a.settings ->> 'requests_per_day', ''))::integer AS requests_per_day,
       coalesce((nullif(a.settings ->> 'sync_interval_seconds', ''))::integer, p.sync_interval_seconds)
         AS sync_interval_seconds,
       coalesce((nullif(a.settings ->> 'sync_batch_size', ''))::integer, p.sync_batch_size) AS sync_batch_size,
       coalesce(nullif(a.settings ->> 'currency', ''), 'USD') AS currency,
       coalesce(nullif(a.settings ->> 'apply_mode', ''), 'all') AS apply_mode,
       (nullif(a.settings ->> 'apply_from', ''))::timestamptz AS apply_from,
       a.enabled,
       a.created_at,
       a.updated_at
  FROM telephony_providers a JOIN tracking_platforms p ON p.platform = a.provider;
GRANT SELECT ON provider_configs TO trunkline_gateway, trunkline_gateway_worker;

-- Every call, whether it goes on or has ended. Row-level security is that of whoever asks.
CREATE VIEW calls WITH (security_invoker = true) AS
SELECT call_id, business_id, provider, provider_account_id, external_call_id, direction, status, false AS ended,
       from_number, to_number, forwarded_to, caller_name, parent_call_id, campaign_id, attempt_id, answered_by,
       hangup_cause, hangup_source, error_code, error_message, provider_error_code, status_reason, voicemail, started_at,
       requested_at, initiated_at, queued_at, ringing_at, answered_at, ended_at, total_milliseconds, ring_milliseconds,
       talk_milliseconds, recording_url, recording_status, mean_opinion_score, revenue, payout, cost, currency,
       converted, tracking_campaign_id, tracking_campaign_key, tracking_campaign_name, publisher_id, publisher_name,
       publisher_sub_id, buyer_id, buyer_name, tracking_tags, tags, custom_data, record_changed_at, record_deleted_at,
       record_hash, last_event_at, traceparent
  FROM call_queue
UNION ALL
SELECT call_id, business_id, provider, provider_account_id, external_call_id, direction, status, true AS ended,
       from_number, to_number, forwarded_to, caller_name, parent_call_id, campaign_id, attempt_id, answered_by,
       hangup_cause, hangup_source, error_code, error_message, provider_error_code, status_reason, voicemail, started_at,
       requested_at, initiated_at, queued_at, ringing_at, answered_at, ended_at, total_milliseconds, ring_milliseconds,
       talk_milliseconds, recording_url, recording_status, mean_opinion_score, revenue, payout, cost, currency,
       converted, tracking_campaign_id, tracking_campaign_key, tracking_campaign_name, publisher_id, publisher_name,
       publisher_sub_id, buyer_id, buyer_name, tracking_tags, tags, custom_data, record_changed_at, record_deleted_at,
       record_hash, last_event_at, traceparent
  FROM call_history;
GRANT SELECT ON calls TO trunkline_gateway, trunkline_gateway_worker;

-- The calls that call-tracking platforms told of, without those whose record was deleted there. to_number is the tracking
-- number.
CREATE VIEW tracking_calls WITH (security_invoker = true) AS
SELECT c.call_id, c.business_id, c.provider AS platform, c.provider_account_id, c.external_call_id, c.status, c.ended,
       c.from_number AS caller_number, c.to_number AS tracking_number, c.forwarded_to AS destination_number,
       c.tracking_campaign_id, c.tracking_campaign_key, c.tracking_campaign_name, c.publisher_id, c.publisher_name,
       c.publisher_sub_id, c.buyer_id, c.buyer_name, c.started_at, c.answered_at, c.ended_at,
       c.total_milliseconds / 1000 AS duration_seconds, c.talk_milliseconds / 1000 AS talk_seconds, c.revenue, c.payout,
       c.cost, c.revenue - coalesce(c.payout, 0) - coalesce(c.cost, 0) AS profit, c.currency,
       coalesce(c.converted, false) AS converted, c.voicemail, c.status_reason, c.recording_status, c.tracking_tags,
       c.record_changed_at
  FROM calls c
 WHERE c.provider IN (SELECT platform FROM tracking_platforms) AND c.record_deleted_at IS NULL;
GRANT SELECT ON tracking_calls TO trunkline_gateway, trunkline_gateway_worker;

-- Sums of a day (UTC), one row for each currency: amounts of different currencies are never added up. An amount that is
-- not known yet counts as nothing; *_known says how many were known.
CREATE VIEW tracking_days WITH (security_invoker = true) AS
SELECT business_id, (started_at AT TIME ZONE 'UTC')::date AS day, platform, provider_account_id, tracking_campaign_id,
       max(tracking_campaign_name) AS tracking_campaign_name, publisher_id, max(publisher_name) AS publisher_name,
       buyer_id, max(buyer_name) AS buyer_name, currency, count(*) AS calls, count(answered_at) AS answered,
       count(*) FILTER (WHERE converted) AS converted, coalesce(sum(talk_seconds), 0) AS talk_seconds,
       coalesce(sum(revenue), 0) AS revenue, coalesce(sum(payout), 0) AS payout, coalesce(sum(cost), 0) AS cost,
       count(revenue) AS revenue_known, count(payout) AS payout_known, count(cost) AS cost_known
  FROM tracking_calls
 GROUP BY business_id, day, platform, provider_account_id, tracking_campaign_id, publisher_id, buyer_id, currency;
GRANT SELECT ON tracking_days TO trunkline_gateway, trunkline_gateway_worker;

COMMENT ON COLUMN webhook_logs.outcome IS
  'processed, duplicate, ignored, dead_letter, refused; of call-tracking platforms also hint (the call is to be read) and '
  'shadow (compared only)';

-- Whoever serves reports reads calls of one business at a time.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'trunkline_tracking') THEN
    GRANT SELECT ON call_queue, call_history, shadow_calls, tracking_platforms, calls, tracking_calls, tracking_days
      TO trunkline_tracking;
    GRANT SELECT ON call_queue, call_history, shadow_calls, tracking_platforms, calls, tracking_calls
      TO trunkline_tracking_worker;
  END IF;
END
$$;
