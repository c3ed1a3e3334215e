-- The governor's ledger of slots (promise 5): what it granted is here before anybody is told.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'trunkline_governor') THEN
    CREATE ROLE trunkline_governor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
  END IF;
END
$$;
GRANT USAGE ON SCHEMA public TO trunkline_governor;

-- Who decides. Every write of the governor holds this row and names the epoch; a new leader raises it, and from then on
-- nothing of an older one can be committed.
CREATE TABLE governor_leadership (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch bigint NOT NULL,
  address text NOT NULL,
  renewed_at timestamptz NOT NULL
);
INSERT INTO governor_leadership (epoch, address, renewed_at) VALUES (0, '', '-infinity');
GRANT SELECT, UPDATE ON governor_leadership TO trunkline_governor;

-- Slots in use, and for a while those that have ended.
CREATE TABLE active_calls (
  slot_id uuid PRIMARY KEY,
  fencing_token bigint NOT NULL,
  business_id uuid NOT NULL,
  request_id text NOT NULL,
  kind smallint NOT NULL,  -- trunkline.governor.v1.SlotKind
  provider_account_id text NOT NULL,
  caller_number text NOT NULL,
  campaign_id text NOT NULL,
  call_id text NOT NULL,  -- empty: a reservation
  granted_at timestamptz NOT NULL,
  expires_at timestamptz,  -- of a reservation
  released_at timestamptz,
  release_reason smallint NOT NULL  -- trunkline.governor.v1.ReleaseReason
) WITH (fillfactor = 70);
CALL isolate_businesses('active_calls');
GRANT SELECT, INSERT, UPDATE, DELETE ON active_calls TO trunkline_governor;

-- Limits that were set; where there is none the settings of the service hold.
CREATE TABLE call_limits (
  level smallint NOT NULL,  -- trunkline.governor.v1.Level
  subject_id text NOT NULL,
  max_concurrent_calls integer,
  per_second integer NOT NULL,
  per_minute integer NOT NULL,
  per_hour integer NOT NULL,
  spacing_microseconds bigint NOT NULL,
  kept_for_inbound integer NOT NULL,
  kept_for_priority integer NOT NULL,
  guaranteed_calls integer NOT NULL,
  burst_calls integer NOT NULL,
  weight integer NOT NULL,
  PRIMARY KEY (level, subject_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON call_limits TO trunkline_governor;

-- How far the governor has read the call events, committed together with what it made of them.
CREATE TABLE governor_positions (
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON governor_positions TO trunkline_governor;
