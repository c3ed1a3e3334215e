-- Rates and caps of calls, where calls may go, and dials that need more than one attempt.

-- How many calls an account may place, where its calls go when it cannot place one, and whether a dial that was found
-- out as not placed is tried again. No value: unlimited, nowhere, never.
ALTER TABLE telephony_providers
  ADD COLUMN calls_per_second integer CHECK (calls_per_second > 0),
  ADD COLUMN calls_per_minute integer CHECK (calls_per_minute > 0),
  ADD COLUMN calls_per_hour integer CHECK (calls_per_hour > 0),
  ADD COLUMN failover_account_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN retry_attempts integer CHECK (retry_attempts > 0),
  ADD COLUMN retry_longest_age_seconds integer CHECK (retry_longest_age_seconds > 0);
GRANT DELETE ON business_phone_numbers TO trunkline_gateway;

-- Rates, exact across replicas and crashes: the time of each take, by its number. Whether N takes lie within a window
-- is told by the one that is N takes old, so that a check costs one look however large N is. Whoever takes holds the
-- counter's row until the transaction ends.
CREATE TABLE rate_counters (
  subject uuid PRIMARY KEY,  -- a provider account or an API key
  business_id uuid NOT NULL,
  taken bigint NOT NULL DEFAULT 0,   -- the number of the latest take
  oldest bigint NOT NULL DEFAULT 1,  -- the first take that may still be stored
  latest_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
CALL isolate_businesses('rate_counters');
GRANT SELECT, INSERT, UPDATE ON rate_counters TO trunkline_gateway, trunkline_gateway_worker;

CREATE TABLE rate_takes (
  subject uuid NOT NULL,
  number bigint NOT NULL,
  business_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (subject, number)
);
CALL isolate_businesses('rate_takes');
GRANT SELECT, INSERT, DELETE ON rate_takes TO trunkline_gateway, trunkline_gateway_worker;

-- Takes one, unless that would be more than most[i] within any windows[i]; then `refused_by` is the i whose window
-- frees last, and `wait` how long that takes.
--
-- The time is the database's, the one clock that all replicas share, read while the counter is held: a time from before
-- the wait for it would let a window end too early. It never runs backwards. `given_time` stands in for it in tests.
CREATE FUNCTION take_rate(whose uuid, of_business uuid, windows interval[], most bigint[], given_time timestamptz,
                          OUT refused_by integer, OUT wait interval)
  LANGUAGE plpgsql AS $$
DECLARE
  counter rate_counters;
  moment timestamptz;
  nth timestamptz;
  longest interval := (SELECT max(w) FROM unnest(windows) AS w);
BEGIN
  LOOP
    SELECT * INTO counter FROM rate_counters WHERE subject = whose FOR UPDATE;
    EXIT WHEN FOUND;
    INSERT INTO rate_counters (subject, business_id) VALUES (whose, of_business) ON CONFLICT DO NOTHING;
  END LOOP;
  moment := greatest(coalesce(given_time, clock_timestamp()), counter.latest_at);
  FOR i IN 1 .. cardinality(windows) LOOP
    SELECT at INTO nth FROM rate_takes WHERE subject = whose AND number = counter.taken + 1 - most[i];
    IF FOUND AND nth > moment - windows[i] AND (wait IS NULL OR nth + windows[i] - moment > wait) THEN
      refused_by := i;
      wait := nth + windows[i] - moment;
    END IF;
  END LOOP;
  IF refused_by IS NOT NULL THEN
    RETURN;
  END IF;
  INSERT INTO rate_takes (subject, number, business_id, at) VALUES (whose, counter.taken + 1, of_business, moment);
  -- Two of the oldest go for each that comes, so that what is stored shrinks to what the longest window holds.
  FOR i IN 1 .. 2 LOOP
    DELETE FROM rate_takes WHERE subject = whose AND number = counter.oldest AND at <= moment - longest;
    EXIT WHEN NOT FOUND;
    counter.oldest := counter.oldest + 1;
  END LOOP;
  UPDATE rate_counters SET taken = counter.taken + 1, oldest = counter.oldest, latest_at = moment
   WHERE subject = whose;
END
$$;

-- Where a business's calls may go: of the rules whose prefix the number begins with, the longest decides.
CREATE TABLE destination_rules (
  business_id uuid NOT NULL REFERENCES businesses,
  prefix text NOT NULL CHECK (prefix ~ '^\+[0-9]{0,15}$'),
  action text NOT NULL CHECK (action IN ('allow', 'block')),
  note text NOT NULL DEFAULT '',
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (business_id, prefix)
);
CALL isolate_businesses('destination_rules');
GRANT SELECT, INSERT, UPDATE, DELETE ON destination_rules TO trunkline_gateway;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON destination_rules
  FOR EACH STATEMENT EXECUTE FUNCTION announce_provider_account();

-- What an API key may do. No row, or no value: without limit.
CREATE TABLE api_key_limits (
  api_key_id uuid PRIMARY KEY REFERENCES api_keys,
  business_id uuid NOT NULL REFERENCES businesses,
  calls_per_minute integer CHECK (calls_per_minute > 0),
  calls_per_hour integer CHECK (calls_per_hour > 0),
  calls_per_day integer CHECK (calls_per_day > 0),
  spend_per_day_micros bigint CHECK (spend_per_day_micros > 0),
  spend_per_month_micros bigint CHECK (spend_per_month_micros > 0),
  reserve_micros bigint NOT NULL DEFAULT 0 CHECK (reserve_micros >= 0),
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  CHECK (currency IS NOT NULL OR coalesce(spend_per_day_micros, spend_per_month_micros) IS NULL)
);
CALL isolate_businesses('api_key_limits');
GRANT SELECT ON api_key_limits TO trunkline_gateway, trunkline_gateway_worker;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON api_key_limits
  FOR EACH STATEMENT EXECUTE FUNCTION announce_provider_account();

-- Calls of keys with a spending cap whose cost is not known yet: each counts with its reserve.
CREATE TABLE api_key_open_calls (
  call_id uuid PRIMARY KEY,
  api_key_id uuid NOT NULL,
  business_id uuid NOT NULL,
  placed_at timestamptz NOT NULL,
  reserve_micros bigint NOT NULL,
  currency text NOT NULL
);
CREATE INDEX api_key_open_calls_key ON api_key_open_calls (api_key_id, placed_at);
CALL isolate_businesses('api_key_open_calls');
GRANT SELECT, INSERT ON api_key_open_calls TO trunkline_gateway;
GRANT SELECT, DELETE ON api_key_open_calls TO trunkline_gateway_worker;

-- What a key's calls of a day (UTC) cost, as far as it is known.
CREATE TABLE api_key_spending (
  api_key_id uuid NOT NULL,
  day date NOT NULL,
  currency text NOT NULL,
  business_id uuid NOT NULL,
  spent_micros bigint NOT NULL,
  PRIMARY KEY (api_key_id, day, currency)
);
CALL isolate_businesses('api_key_spending');
GRANT SELECT ON api_key_spending TO trunkline_gateway;
GRANT SELECT, INSERT, UPDATE ON api_key_spending TO trunkline_gateway_worker;

-- Which key asked for a call.
ALTER TABLE call_requests ADD COLUMN api_key_id uuid;

-- A dial's row tells of its latest attempt; earlier ones move to dial_attempts in the transaction that commits the next.
ALTER TABLE dial_intents
  ADD COLUMN attempt integer NOT NULL DEFAULT 1,
  ADD COLUMN attempt_committed_at timestamptz,  -- of later attempts than the first, whose time is committed_at
  ADD COLUMN request bytea;  -- trunkline.control.v1.InitiateCallRequest without its plan: what another attempt needs

-- Attempts that were certainly not placed and had another after them.
CREATE TABLE dial_attempts (
  call_id uuid NOT NULL,
  number integer NOT NULL,
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL,
  from_number text NOT NULL,
  state text NOT NULL CHECK (state IN ('rejected', 'not_placed')),
  resolved_by text NOT NULL CHECK (resolved_by IN ('reply', 'listing', 'policy', 'passed_over')),
  committed_at timestamptz NOT NULL,
  resolved_at timestamptz NOT NULL,
  error_code text NOT NULL,
  error_message text NOT NULL,
  provider_error_code text,
  provider_error_message text,
  retryable boolean NOT NULL,
  PRIMARY KEY (call_id, number)
);
CALL isolate_businesses('dial_attempts');
GRANT SELECT, INSERT ON dial_attempts TO trunkline_gateway, trunkline_gateway_worker;
