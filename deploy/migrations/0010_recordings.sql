-- Recordings of calls, as the events of the calls tell of them. The normalizer alone writes this table; what stands in a
-- row does not depend on the order in which the events came.
CREATE TABLE recordings (
  recording_id uuid PRIMARY KEY,  -- follows from provider_account_id and external_recording_id
  business_id uuid NOT NULL,
  call_id uuid NOT NULL,
  provider text NOT NULL,
  provider_account_id uuid NOT NULL,
  external_recording_id text NOT NULL,
  url text,  -- where the provider keeps it; never shown to clients
  status text NOT NULL,
  status_order integer NOT NULL,  -- a recording never goes back to an earlier status
  duration_milliseconds bigint,
  channels integer,
  created_at timestamptz NOT NULL,  -- the earliest time that an event told
  told_at timestamptz NOT NULL,     -- of the event that the row is made of
  told_by uuid NOT NULL             -- that event
);
CREATE INDEX recordings_business_created ON recordings (business_id, created_at DESC, recording_id DESC);
CREATE INDEX recordings_call ON recordings (call_id);
CALL isolate_businesses('recordings');
GRANT SELECT ON recordings TO trunkline_gateway, trunkline_gateway_worker;
GRANT SELECT, INSERT, UPDATE ON recordings TO trunkline_normalizer;

-- What clients had deleted. The gateway alone writes it: a late event of a deleted recording does not bring it back.
CREATE TABLE recording_deletions (
  recording_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  deleted_at timestamptz NOT NULL
);
CALL isolate_businesses('recording_deletions');
GRANT SELECT, INSERT ON recording_deletions TO trunkline_gateway;

-- What a minute of talk cost; empty while the cost or the talk is not known, and where nobody talked. numeric, since no
-- figure of a provider's may fail the row.
ALTER TABLE call_queue ADD COLUMN cost_micros_per_minute numeric
  GENERATED ALWAYS AS (round(cost_micros::numeric * 60000 / nullif(talk_milliseconds, 0), 0)) STORED;
ALTER TABLE call_history ADD COLUMN cost_micros_per_minute numeric
  GENERATED ALWAYS AS (round(cost_micros::numeric * 60000 / nullif(talk_milliseconds, 0), 0)) STORED;
