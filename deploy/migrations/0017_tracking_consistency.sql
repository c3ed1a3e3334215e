-- Whether the calls here are what the platforms have; tracking numbers; what is asked of a platform on behalf of a
-- business. The tables belong to call-tracking-sync, whose roles 0015 made.
GRANT SELECT ON call_queue, call_history TO trunkline_tracking, trunkline_tracking_worker;
-- Never the credentials: those come from the gateway.
GRANT SELECT (provider_account_id, business_id, provider, enabled) ON telephony_providers
  TO trunkline_tracking, trunkline_tracking_worker;
GRANT SELECT ON business_phone_numbers TO trunkline_tracking, trunkline_tracking_worker;

-- Comparisons of an account's calls with its platform. The owner of the account carries them out, a page at a time; what
-- a page gave and the place after it are committed together.
CREATE TABLE consistency_checks (
  check_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL,
  platform text NOT NULL,
  subject smallint NOT NULL,             -- trunkline.tracking.v1.CheckSubject
  range_from timestamptz NOT NULL,
  range_to timestamptz NOT NULL CHECK (range_to > range_from),
  repair smallint NOT NULL,              -- trunkline.tracking.v1.RepairPolicy
  trigger smallint NOT NULL,             -- trunkline.tracking.v1.CheckTrigger
  request_id uuid NOT NULL,
  state smallint NOT NULL DEFAULT 1,     -- trunkline.tracking.v1.CheckState
  actor text NOT NULL,
  -- Where it is: the window under way, and in it the next page; extras are looked for once the pages are through.
  window_from timestamptz NOT NULL,
  window_to timestamptz NOT NULL,
  position_kind text,
  position_value text,
  is_at_extras boolean NOT NULL DEFAULT false,
  tries integer NOT NULL DEFAULT 0,      -- of this page that failed
  due_at timestamptz NOT NULL DEFAULT now(),
  progress bytea NOT NULL DEFAULT '',    -- trunkline.tracking.v1.Check: counts and sums alone
  error text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  FOREIGN KEY (business_id, provider_account_id) REFERENCES telephony_providers (business_id, provider_account_id),
  UNIQUE (business_id, request_id)
) WITH (fillfactor = 50);
CREATE INDEX consistency_checks_open ON consistency_checks (provider_account_id, created_at) WHERE state IN (1, 2);
CREATE INDEX consistency_checks_business ON consistency_checks (business_id, created_at DESC, check_id DESC);
CREATE INDEX consistency_checks_scheduled ON consistency_checks (provider_account_id, trigger, created_at DESC);
CALL isolate_businesses('consistency_checks');
GRANT SELECT, INSERT, UPDATE ON consistency_checks TO trunkline_tracking, trunkline_tracking_worker;
GRANT DELETE ON consistency_checks TO trunkline_tracking_worker;

-- Calls that the platform listed in the window under way: what is here and not among them is extra.
CREATE TABLE consistency_listed (
  check_id uuid NOT NULL REFERENCES consistency_checks ON DELETE CASCADE,
  call_id uuid NOT NULL,
  business_id uuid NOT NULL,
  PRIMARY KEY (check_id, call_id)
);
CALL isolate_businesses('consistency_listed');
GRANT SELECT, INSERT, DELETE ON consistency_listed TO trunkline_tracking_worker;

CREATE TABLE consistency_findings (
  check_id uuid NOT NULL REFERENCES consistency_checks ON DELETE CASCADE,
  external_call_id text NOT NULL,
  kind smallint NOT NULL,                -- trunkline.tracking.v1.FindingKind
  business_id uuid NOT NULL,
  finding bytea NOT NULL,                -- trunkline.tracking.v1.Finding
  found_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (check_id, external_call_id, kind)
);
CALL isolate_businesses('consistency_findings');
GRANT SELECT ON consistency_findings TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON consistency_findings TO trunkline_tracking_worker;

-- Reconciliations of tracked calls, telephony calls and the telephony providers' records, of one business. Replicas take
-- turns: whoever carries one out holds its row for a while, and a new holder is told by the holding's number.
CREATE TABLE reconciliations (
  reconciliation_id uuid PRIMARY KEY,
  business_id uuid NOT NULL REFERENCES businesses,
  range_from timestamptz NOT NULL,
  range_to timestamptz NOT NULL CHECK (range_to > range_from),
  trigger smallint NOT NULL,             -- trunkline.tracking.v1.CheckTrigger
  request_id uuid NOT NULL,
  actor text NOT NULL,
  state smallint NOT NULL DEFAULT 1,     -- trunkline.tracking.v1.CheckState
  reconciled_until timestamptz NOT NULL,
  holding bigint NOT NULL DEFAULT 0,
  held_until timestamptz NOT NULL DEFAULT '-infinity',
  tries integer NOT NULL DEFAULT 0,      -- of this part of the range that failed
  progress bytea NOT NULL DEFAULT '',    -- trunkline.tracking.v1.Reconciliation: counts and money alone
  error text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  UNIQUE (business_id, request_id)
) WITH (fillfactor = 50);
CREATE INDEX reconciliations_open ON reconciliations (held_until) WHERE state IN (1, 2);
CREATE INDEX reconciliations_business ON reconciliations (business_id, created_at DESC);
CALL isolate_businesses('reconciliations');
GRANT SELECT, INSERT ON reconciliations TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON reconciliations TO trunkline_tracking_worker;

CREATE TABLE call_discrepancies (
  discrepancy_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  kind smallint NOT NULL,                -- trunkline.tracking.v1.DiscrepancyKind
  state smallint NOT NULL,               -- trunkline.tracking.v1.DiscrepancyState
  started_at timestamptz NOT NULL,
  tracking_call_id uuid,
  telephony_call_id uuid,
  revenue_micros bigint,
  payout_micros bigint,
  cost_micros bigint,
  currency text,
  discrepancy bytea NOT NULL,            -- trunkline.tracking.v1.CallDiscrepancy
  found_at timestamptz NOT NULL,
  told_at timestamptz NOT NULL
);
CREATE INDEX call_discrepancies_started ON call_discrepancies (business_id, started_at DESC, discrepancy_id DESC);
CALL isolate_businesses('call_discrepancies');
GRANT SELECT ON call_discrepancies TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON call_discrepancies TO trunkline_tracking_worker;

-- Numbers that platforms sent calls on to: what comes in there should have been tracked.
CREATE TABLE tracked_destinations (
  business_id uuid NOT NULL,
  number text NOT NULL,                  -- E.164
  seen_at timestamptz NOT NULL,          -- the last call that was sent there
  PRIMARY KEY (business_id, number)
);
CALL isolate_businesses('tracked_destinations');
GRANT SELECT, INSERT, UPDATE, DELETE ON tracked_destinations TO trunkline_tracking_worker;

-- Discrepancies on their way to their topic.
CREATE TABLE call_discrepancies_outbox (
  outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  business_id uuid NOT NULL,
  message bytea NOT NULL,                -- trunkline.tracking.v1.CallDiscrepancy
  created_at timestamptz NOT NULL DEFAULT now()
);
CALL isolate_businesses('call_discrepancies_outbox');
GRANT SELECT, INSERT, DELETE ON call_discrepancies_outbox TO trunkline_tracking_worker;

-- The platforms' lists of tracking numbers, as they were last.
CREATE TABLE tracking_numbers (
  provider_account_id uuid NOT NULL,
  number text NOT NULL,                  -- E.164
  business_id uuid NOT NULL,
  external_number_id text NOT NULL,
  state smallint NOT NULL,               -- trunkline.tracking.v1.TrackingNumberState
  is_managed boolean NOT NULL,           -- ordered here
  toll_free boolean NOT NULL,
  country text NOT NULL,
  campaign_id text NOT NULL,
  publisher_id text NOT NULL,
  provisioned_at timestamptz,
  first_seen_at timestamptz NOT NULL,    -- again, for one that had been gone
  seen_at timestamptz NOT NULL,
  release_actor text NOT NULL DEFAULT '',
  release_asked_at timestamptz,          -- the platform took the release
  released_at timestamptz,
  PRIMARY KEY (provider_account_id, number),
  FOREIGN KEY (business_id, provider_account_id) REFERENCES telephony_providers (business_id, provider_account_id)
);
CREATE INDEX tracking_numbers_business ON tracking_numbers (business_id, number);
CREATE INDEX tracking_numbers_releasing ON tracking_numbers (provider_account_id) WHERE state = 3;
CALL isolate_businesses('tracking_numbers');
GRANT SELECT ON tracking_numbers TO trunkline_tracking;
GRANT UPDATE (state, release_actor, is_managed) ON tracking_numbers TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_numbers TO trunkline_tracking_worker;

-- When an account's list was last read to its end.
CREATE TABLE tracking_number_lists (
  provider_account_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  listed_at timestamptz,                 -- null: never
  due_at timestamptz NOT NULL,
  error text NOT NULL DEFAULT '',
  FOREIGN KEY (business_id, provider_account_id) REFERENCES telephony_providers (business_id, provider_account_id)
) WITH (fillfactor = 50);
CALL isolate_businesses('tracking_number_lists');
GRANT SELECT, INSERT ON tracking_number_lists TO trunkline_tracking;
GRANT UPDATE (due_at) ON tracking_number_lists TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_number_lists TO trunkline_tracking_worker;

-- Orders of numbers. What is about to be asked is committed first.
CREATE TABLE tracking_number_orders (
  business_id uuid NOT NULL,
  request_id uuid NOT NULL,
  provider_account_id uuid NOT NULL,
  request_sha256 bytea NOT NULL,
  wish bytea NOT NULL,                   -- trunkline.tracking.v1.NumberWish
  state smallint NOT NULL DEFAULT 1,     -- trunkline.tracking.v1.NumberOrderState
  attempts integer NOT NULL DEFAULT 0,   -- that were sent, or may have been
  sent_at timestamptz,                   -- the last attempt
  due_at timestamptz NOT NULL DEFAULT now(),
  number text NOT NULL DEFAULT '',
  warnings text[] NOT NULL DEFAULT '{}',
  candidates text[] NOT NULL DEFAULT '{}',
  error text NOT NULL DEFAULT '',
  actor text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  PRIMARY KEY (business_id, request_id),
  FOREIGN KEY (business_id, provider_account_id) REFERENCES telephony_providers (business_id, provider_account_id)
);
-- While nobody knows what came of an order, no other is sent: of two new numbers it could not be told whose each is.
CREATE UNIQUE INDEX tracking_number_orders_one_in_doubt ON tracking_number_orders (provider_account_id)
  WHERE state IN (2, 3);
CREATE INDEX tracking_number_orders_open ON tracking_number_orders (provider_account_id, created_at)
  WHERE state IN (1, 2, 3);
CREATE INDEX tracking_number_orders_account ON tracking_number_orders (provider_account_id, created_at DESC);
CALL isolate_businesses('tracking_number_orders');
GRANT SELECT, INSERT, UPDATE ON tracking_number_orders TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_number_orders TO trunkline_tracking_worker;

-- What is asked of a platform while somebody waits. Only the owner of an account asks its platform, so that one budget
-- counts all requests. Each kind may be carried out more than once.
CREATE TABLE tracking_commands (
  command_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('fetch_call', 'update_call')),
  external_call_id text NOT NULL,
  request bytea NOT NULL DEFAULT '',     -- trunkline.tracking.v1.UpdateTrackedCallRequest
  actor text NOT NULL,
  is_done boolean NOT NULL DEFAULT false,
  response bytea NOT NULL DEFAULT '',
  status_code integer NOT NULL DEFAULT 0,
  status_reason integer NOT NULL DEFAULT 0,
  status_message text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,       -- nobody waits any more: it is not begun
  FOREIGN KEY (business_id, provider_account_id) REFERENCES telephony_providers (business_id, provider_account_id)
);
CREATE INDEX tracking_commands_open ON tracking_commands (provider_account_id, created_at) WHERE NOT is_done;
CREATE INDEX tracking_commands_age ON tracking_commands (expires_at);
CALL isolate_businesses('tracking_commands');
GRANT SELECT, INSERT ON tracking_commands TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_commands TO trunkline_tracking_worker;

-- Wakes the owner of an account, and whoever waits for what it does; both also look by themselves.
CREATE FUNCTION announce_tracking_work() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('tracking_work', NEW.provider_account_id::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OF is_done ON tracking_commands
  FOR EACH ROW EXECUTE FUNCTION announce_tracking_work();
CREATE TRIGGER announce AFTER INSERT OR UPDATE OF state ON tracking_number_orders
  FOR EACH ROW EXECUTE FUNCTION announce_tracking_work();
CREATE TRIGGER announce AFTER INSERT OR UPDATE OF state ON consistency_checks
  FOR EACH ROW EXECUTE FUNCTION announce_tracking_work();
CREATE TRIGGER announce AFTER UPDATE OF due_at ON tracking_number_lists
  FOR EACH ROW EXECUTE FUNCTION announce_tracking_work();
CREATE FUNCTION announce_tracking_number() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('tracking_numbers', NEW.business_id::text || ' ' || NEW.number);
  RETURN NULL;
END
$$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OF state, is_managed, campaign_id, publisher_id ON tracking_numbers
  FOR EACH ROW EXECUTE FUNCTION announce_tracking_number();
