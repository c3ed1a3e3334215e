-- The synchronization of call-tracking platforms. The tables belong to call-tracking-sync.
--
-- trunkline_tracking         serves requests; sees one business at a time
-- trunkline_tracking_worker  reads the platforms for all businesses
DO $$
DECLARE
  attributes record;
BEGIN
  FOR attributes IN
    SELECT * FROM (VALUES ('trunkline_tracking', 'NOBYPASSRLS'),
                          ('trunkline_tracking_worker', 'BYPASSRLS')) AS role(name, rls)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = attributes.name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE %s', attributes.name, attributes.rls);
    END IF;
  END LOOP;
END
$$;
-- An owner that is frozen in the middle of a transaction must not keep the next one from its accounts.
ALTER ROLE trunkline_tracking_worker SET idle_in_transaction_session_timeout = '5s';
-- It asks for everything by keys. A plan that was made while a table was small must not read the whole of it later.
ALTER ROLE trunkline_tracking_worker SET enable_seqscan = off;
ALTER ROLE trunkline_tracking_worker SET jit = off;
GRANT USAGE ON SCHEMA public TO trunkline_tracking, trunkline_tracking_worker;
GRANT EXECUTE ON FUNCTION business_of_api_key TO trunkline_tracking;
GRANT SELECT ON businesses TO trunkline_tracking, trunkline_tracking_worker;
GRANT SELECT, INSERT ON audit_log TO trunkline_tracking, trunkline_tracking_worker;

-- The replicas of call-tracking-sync. Each holds a session lock on its lock_key while it lives: whoever can take that
-- lock knows that it is dead.
CREATE TABLE tracking_replicas (
  replica_id uuid PRIMARY KEY,
  lock_key bigint GENERATED ALWAYS AS IDENTITY,
  address text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON tracking_replicas TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_replicas TO trunkline_tracking_worker;

-- Each account at a call-tracking platform: who reads it, and how far that is.
CREATE TABLE sync_status (
  provider_account_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  provider text NOT NULL,
  -- Its owner. Every transaction of an owner begins with this row in the owner's epoch.
  replica_id uuid,
  epoch bigint NOT NULL DEFAULT 0,
  is_wanted boolean NOT NULL DEFAULT true,  -- false: it is disabled or gone
  known_since timestamptz NOT NULL DEFAULT now(),
  -- Somebody wants it to rest.
  paused_by text,
  pause_reason text,
  paused_at timestamptz,
  -- What the owner found.
  watermark timestamptz,                -- what changed or began until then is known
  last_started_at timestamptz,
  last_successful_sync_at timestamptz,
  last_error text,
  last_error_at timestamptz,
  clock_offset interval,                -- the platform's clock minus ours
  lists_by_end boolean,                 -- what probes told; null: not known
  lists_by_change boolean,
  probed_at timestamptz,
  without_columns text[] NOT NULL DEFAULT '{}',  -- that the account turned out not to know
  order_violated_at timestamptz,        -- the list of changes was not in order; an operator clears it
  FOREIGN KEY (business_id, provider_account_id) REFERENCES telephony_providers (business_id, provider_account_id)
) WITH (fillfactor = 50);
CREATE INDEX sync_status_business ON sync_status (business_id);
CALL isolate_businesses('sync_status');
-- A business may let its accounts rest, and have the order of changes trusted again.
GRANT SELECT ON sync_status TO trunkline_tracking;
GRANT UPDATE (paused_by, pause_reason, paused_at, order_violated_at) ON sync_status TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE ON sync_status TO trunkline_tracking_worker;

-- Readings of a range that somebody asked for, or that the first synchronization needs.
CREATE TABLE sync_runs (
  run_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL REFERENCES sync_status,
  kind text NOT NULL CHECK (kind IN ('backfill', 'recovery')),
  range_from timestamptz NOT NULL,
  range_to timestamptz NOT NULL CHECK (range_to > range_from),
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'paused', 'done', 'failed', 'canceled')),
  requested_by text NOT NULL,
  request_id uuid NOT NULL,
  error text NOT NULL DEFAULT '',
  webhook_missing bigint NOT NULL DEFAULT 0,  -- of a recovery: calls that ended and of which no webhook told
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  UNIQUE (business_id, request_id)
);
CREATE INDEX sync_runs_account ON sync_runs (provider_account_id, created_at DESC);
CREATE INDEX sync_runs_open ON sync_runs (provider_account_id) WHERE state IN ('queued', 'running', 'paused');
CALL isolate_businesses('sync_runs');
GRANT SELECT, INSERT, UPDATE ON sync_runs TO trunkline_tracking, trunkline_tracking_worker;

-- How far each pass over an account's calls is. A page's records and the place after it are committed together.
CREATE TABLE sync_checkpoints (
  provider_account_id uuid NOT NULL REFERENCES sync_status,
  pass text NOT NULL,                   -- "changes", "created", "rescan_48h", "backfill:RUN_ID" ...
  business_id uuid NOT NULL,
  watermark timestamptz,
  -- The run under way; without run_started_at there is none. A time that is null never comes.
  run_started_at timestamptz,
  run_to timestamptz,
  window_from timestamptz,
  window_to timestamptz,
  window_started_at timestamptz,
  page_size integer NOT NULL DEFAULT 0,
  position_kind text,                   -- of the next page; null: the first
  position_value text,
  first_page_max timestamptz,           -- the latest change on the first page of a walk
  last_change timestamptz,              -- the earliest change that the walk read
  first_total bigint,
  window_seen bigint NOT NULL DEFAULT 0,
  restarts integer NOT NULL DEFAULT 0,  -- of this window
  -- Of the run under way or the last one.
  pages bigint NOT NULL DEFAULT 0,
  seen bigint NOT NULL DEFAULT 0,
  inserted bigint NOT NULL DEFAULT 0,
  updated bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  finished_at timestamptz,              -- of the last run that was finished
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider_account_id, pass)
) WITH (fillfactor = 50);
CALL isolate_businesses('sync_checkpoints');
GRANT SELECT ON sync_checkpoints TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON sync_checkpoints TO trunkline_tracking_worker;

-- Elements of lists that were no calls.
CREATE TABLE sync_failures (
  failure_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL REFERENCES sync_status,
  pass text NOT NULL,
  external_id text NOT NULL,            -- as far as it could be read
  raw text NOT NULL,
  error text NOT NULL,
  attempts integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  raw_sha256 bytea NOT NULL,
  UNIQUE (provider_account_id, raw_sha256)
);
CREATE INDEX sync_failures_open ON sync_failures (provider_account_id, external_id) WHERE resolved_at IS NULL;
CREATE INDEX sync_failures_seen ON sync_failures (seen_at);
CALL isolate_businesses('sync_failures');
GRANT SELECT ON sync_failures TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON sync_failures TO trunkline_tracking_worker;

-- What was read last of each call: what says the same again is not sent again.
CREATE TABLE tracked_records (
  provider_account_id uuid NOT NULL REFERENCES sync_status,
  external_id text NOT NULL,
  business_id uuid NOT NULL,
  version timestamptz,                  -- when the platform last changed it, where it tells
  content_hash bytea NOT NULL,          -- of what it said, without its tags
  tags_hash bytea,                      -- null: no reading told its tags yet
  readings integer NOT NULL,            -- that said something new
  requested_at timestamptz NOT NULL,    -- when the last reading was asked for
  is_live boolean NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  webhook_at timestamptz,               -- the last webhook about it
  gone_at timestamptz,                  -- the platform does not know it any more
  PRIMARY KEY (provider_account_id, external_id)
) WITH (fillfactor = 80);
CREATE INDEX tracked_records_started ON tracked_records (provider_account_id, started_at);
CREATE INDEX tracked_records_live ON tracked_records (provider_account_id, started_at) WHERE is_live;
CALL isolate_businesses('tracked_records');
GRANT SELECT ON tracked_records TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracked_records TO trunkline_tracking_worker;

-- Calls of which a webhook told: to be read once, however many webhooks told it.
CREATE TABLE tracking_fetches (
  provider_account_id uuid NOT NULL REFERENCES sync_status,
  external_id text NOT NULL,
  business_id uuid NOT NULL,
  notified_at timestamptz NOT NULL,     -- the last webhook
  notifications bigint NOT NULL DEFAULT 1,
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,
  last_error text NOT NULL DEFAULT '',
  PRIMARY KEY (provider_account_id, external_id)
) WITH (fillfactor = 70);
CREATE INDEX tracking_fetches_due ON tracking_fetches (provider_account_id, due_at);
CALL isolate_businesses('tracking_fetches');
GRANT SELECT ON tracking_fetches TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_fetches TO trunkline_tracking_worker;

-- Records on their way to the topic of raw webhooks.
CREATE TABLE tracking_outbox (
  outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  business_id uuid NOT NULL,
  message bytea NOT NULL,               -- trunkline.webhooks.v1.RawWebhook
  created_at timestamptz NOT NULL DEFAULT now()
);
CALL isolate_businesses('tracking_outbox');
GRANT INSERT ON tracking_outbox TO trunkline_tracking;
GRANT SELECT, INSERT, DELETE ON tracking_outbox TO trunkline_tracking_worker;

-- Every request to a platform, written before it is sent. A day of it is kept.
CREATE TABLE tracking_requests (
  request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL REFERENCES sync_status,
  resource smallint NOT NULL,
  priority smallint NOT NULL,
  sent_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX tracking_requests_sent ON tracking_requests (provider_account_id, sent_at);
CALL isolate_businesses('tracking_requests');
GRANT SELECT ON tracking_requests TO trunkline_tracking;
GRANT SELECT, INSERT, DELETE ON tracking_requests TO trunkline_tracking_worker;

-- What a platform said about an account's allowance, and how it fares.
CREATE TABLE tracking_allowances (
  provider_account_id uuid NOT NULL REFERENCES sync_status,
  resource smallint NOT NULL,           -- -1: the account as a whole
  business_id uuid NOT NULL,
  paused_until timestamptz,
  pace real NOT NULL DEFAULT 1,         -- part of the limits that is used
  paced_at timestamptz,
  failures integer NOT NULL DEFAULT 0,  -- in a row
  open_until timestamptz,               -- of the circuit
  opened integer NOT NULL DEFAULT 0,    -- times in a row
  credentials_sha256 bytea,             -- that were refused
  PRIMARY KEY (provider_account_id, resource)
) WITH (fillfactor = 50);
CALL isolate_businesses('tracking_allowances');
GRANT SELECT ON tracking_allowances TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_allowances TO trunkline_tracking_worker;

-- Webhooks that were entered at the platforms.
CREATE TABLE tracking_webhooks (
  provider_account_id uuid NOT NULL REFERENCES sync_status,
  event text NOT NULL,
  business_id uuid NOT NULL,
  label text NOT NULL DEFAULT '',
  external_id text NOT NULL DEFAULT '',  -- at the platform; empty: a person enters it
  registered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider_account_id, event)
);
CALL isolate_businesses('tracking_webhooks');
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_webhooks TO trunkline_tracking, trunkline_tracking_worker;
