-- Campaigns, their contacts and attempts. The tables belong to the campaign-scheduler.
--
-- trunkline_scheduler         serves requests; sees one business at a time
-- trunkline_scheduler_worker  runs campaigns of all businesses
DO $$
DECLARE
  attributes record;
BEGIN
  FOR attributes IN
    SELECT * FROM (VALUES ('trunkline_scheduler', 'NOBYPASSRLS'),
                          ('trunkline_scheduler_worker', 'BYPASSRLS')) AS role(name, rls)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = attributes.name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE %s', attributes.name, attributes.rls);
    END IF;
  END LOOP;
END
$$;
-- An owner that is frozen in the middle of a transaction must not keep the next one from its campaigns.
ALTER ROLE trunkline_scheduler_worker SET idle_in_transaction_session_timeout = '5s';
-- It asks for everything by keys. A plan that was made while a table was small must not read the whole of it later.
ALTER ROLE trunkline_scheduler_worker SET enable_seqscan = off;
ALTER ROLE trunkline_scheduler_worker SET jit = off;
GRANT USAGE ON SCHEMA public TO trunkline_scheduler, trunkline_scheduler_worker;
GRANT EXECUTE ON FUNCTION business_of_api_key TO trunkline_scheduler;
GRANT SELECT ON businesses TO trunkline_scheduler, trunkline_scheduler_worker;
GRANT SELECT, INSERT ON audit_log TO trunkline_scheduler, trunkline_scheduler_worker;

-- What somebody wants. Whoever commits an attempt reads state and version in that transaction, FOR SHARE: once a pause is
-- committed no attempt follows.
CREATE TABLE campaigns (
  campaign_id uuid PRIMARY KEY,
  business_id uuid NOT NULL REFERENCES businesses,
  name text NOT NULL,
  state smallint NOT NULL,  -- trunkline.campaigns.v1.CampaignState
  state_reason text NOT NULL DEFAULT '',
  state_actor text NOT NULL,
  state_changed_at timestamptz NOT NULL,
  settings bytea NOT NULL,  -- trunkline.campaigns.v1.CampaignSettings
  starts_at timestamptz,
  version bigint NOT NULL DEFAULT 1,  -- the etag
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  -- Idempotency of CreateCampaign and CloneCampaign.
  request_id uuid NOT NULL,
  request_sha256 bytea NOT NULL,
  UNIQUE (business_id, request_id)
);
CREATE INDEX campaigns_business_created ON campaigns (business_id, created_at DESC, campaign_id DESC);
CREATE INDEX campaigns_active ON campaigns (state) WHERE state IN (2, 3);
CALL isolate_businesses('campaigns');
GRANT SELECT, INSERT, UPDATE ON campaigns TO trunkline_scheduler;
GRANT SELECT, UPDATE ON campaigns TO trunkline_scheduler_worker;

-- How far it is, and who runs it. The owner's every transaction updates this row and names its epoch there: another one
-- has raised the epoch before it begins, and from then on nothing of the one before can be committed.
CREATE TABLE campaign_progress (
  campaign_id uuid PRIMARY KEY REFERENCES campaigns,
  business_id uuid NOT NULL,
  -- Of the owner. Null when nobody runs it; the nil UUID when the owner handed it over and something of it is under way.
  replica_id uuid,
  epoch bigint NOT NULL DEFAULT 0,
  contacts_total bigint NOT NULL DEFAULT 0,
  contacts_pending bigint NOT NULL DEFAULT 0,
  contacts_in_flight bigint NOT NULL DEFAULT 0,
  contacts_waiting bigint NOT NULL DEFAULT 0,
  contacts_reached bigint NOT NULL DEFAULT 0,
  contacts_exhausted bigint NOT NULL DEFAULT 0,
  contacts_suppressed bigint NOT NULL DEFAULT 0,
  contacts_removed bigint NOT NULL DEFAULT 0,
  attempts bigint NOT NULL DEFAULT 0,
  attempts_connected bigint NOT NULL DEFAULT 0,
  attempts_failed bigint NOT NULL DEFAULT 0,
  position bigint NOT NULL DEFAULT 0,       -- of the contact that was dialled last
  last_position bigint NOT NULL DEFAULT 0,  -- of the contact that was added last
  event_sequence bigint NOT NULL DEFAULT 0,
  last_committed_at timestamptz,            -- of an attempt: the spacing of calls holds over a change of owners
  started_at timestamptz,
  running_since timestamptz,
  ran interval NOT NULL DEFAULT '0',        -- up to running_since
  CHECK (contacts_total = contacts_pending + contacts_in_flight + contacts_waiting + contacts_reached + contacts_exhausted
                          + contacts_suppressed + contacts_removed)
) WITH (fillfactor = 50);
-- Few, and seldom changed: whose owner has to be looked after.
CREATE INDEX campaign_progress_owner ON campaign_progress (replica_id) WHERE replica_id IS NOT NULL;
CALL isolate_businesses('campaign_progress');
GRANT SELECT, INSERT, UPDATE ON campaign_progress TO trunkline_scheduler, trunkline_scheduler_worker;

-- The replicas of the campaign-scheduler. Each holds a session lock on its lock_key while it lives: whoever can take that
-- lock knows that it is dead.
CREATE TABLE scheduler_replicas (
  replica_id uuid PRIMARY KEY,
  lock_key bigint GENERATED ALWAYS AS IDENTITY,
  address text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON scheduler_replicas TO trunkline_scheduler;
GRANT SELECT, INSERT, UPDATE, DELETE ON scheduler_replicas TO trunkline_scheduler_worker;

CREATE TABLE campaign_transitions (
  transition_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id uuid NOT NULL REFERENCES campaigns,
  business_id uuid NOT NULL,
  from_state smallint NOT NULL,
  to_state smallint NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX campaign_transitions_campaign ON campaign_transitions (campaign_id, transition_id DESC);
CALL isolate_businesses('campaign_transitions');
GRANT SELECT, INSERT ON campaign_transitions TO trunkline_scheduler, trunkline_scheduler_worker;

CREATE TABLE contacts (
  campaign_id uuid NOT NULL,
  position bigint NOT NULL,  -- from 1
  contact_id uuid NOT NULL,  -- UUIDv7
  business_id uuid NOT NULL,
  number text NOT NULL,      -- E.164
  external_id text NOT NULL DEFAULT '',
  priority smallint NOT NULL DEFAULT 0,
  time_zone text NOT NULL DEFAULT '',
  variables bytea NOT NULL DEFAULT '',  -- trunkline.campaigns.v1.Contact with variables alone
  state smallint NOT NULL DEFAULT 1,    -- trunkline.campaigns.v1.ContactState
  attempts smallint NOT NULL DEFAULT 0, -- that count
  endings smallint[] NOT NULL DEFAULT '{}',  -- trunkline.campaigns.v1.Disposition of each attempt, not_dialed too
  due_at timestamptz,
  last_rule smallint NOT NULL DEFAULT 0,     -- trunkline.campaigns.v1.CallRule
  PRIMARY KEY (campaign_id, position)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX contacts_number ON contacts (campaign_id, number);
CREATE UNIQUE INDEX contacts_id ON contacts (contact_id);
-- Whose turn it is: never called, and called before.
CREATE INDEX contacts_pending ON contacts (campaign_id, priority DESC, position) WHERE state = 1;
CREATE INDEX contacts_waiting ON contacts (campaign_id, due_at) WHERE state = 3;
CALL isolate_businesses('contacts');
GRANT SELECT, INSERT, UPDATE ON contacts TO trunkline_scheduler, trunkline_scheduler_worker;

-- An attempt is committed with its slot before the gateway is asked for its call.
CREATE TABLE attempts (
  attempt_id uuid PRIMARY KEY,  -- follows from contact_id and number
  campaign_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  position bigint NOT NULL,     -- of the contact
  business_id uuid NOT NULL,
  number smallint NOT NULL,     -- from 1, of the contact, not_dialed ones too
  to_number text NOT NULL,
  epoch bigint NOT NULL,        -- of the owner that committed it
  slot_id uuid NOT NULL,
  committed_at timestamptz NOT NULL,
  dial_before timestamptz NOT NULL,
  decision bytea NOT NULL,      -- trunkline.campaigns.v1.Decision
  call_id uuid,                 -- once the gateway told it
  disposition smallint NOT NULL DEFAULT 0,  -- trunkline.campaigns.v1.Disposition; 0: under way
  ended_at timestamptz,
  talk_milliseconds bigint NOT NULL DEFAULT 0,
  outcome bytea NOT NULL DEFAULT ''  -- trunkline.campaigns.v1.Attempt with hangup and error alone
) WITH (fillfactor = 70);
CREATE INDEX attempts_under_way ON attempts (campaign_id) WHERE disposition = 0;
CREATE INDEX attempts_contact ON attempts (campaign_id, position, number);
-- For those of the last minute: rows lie in the order of their commits.
CREATE INDEX attempts_committed ON attempts USING brin (committed_at) WITH (pages_per_range = 16, autosummarize = on);
CALL isolate_businesses('attempts');
GRANT SELECT ON attempts TO trunkline_scheduler;
GRANT SELECT, INSERT, UPDATE ON attempts TO trunkline_scheduler_worker;

-- What the call events told of attempts, until the owner of the campaign has taken it over.
CREATE TABLE attempt_outcomes (
  attempt_id uuid PRIMARY KEY,
  campaign_id uuid NOT NULL,
  business_id uuid NOT NULL,
  call_id uuid NOT NULL,
  outcome bytea NOT NULL,  -- trunkline.campaigns.v1.Attempt: disposition, ended_at, hangup, error
  talk_milliseconds bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attempt_outcomes_campaign ON attempt_outcomes (campaign_id);
CALL isolate_businesses('attempt_outcomes');
GRANT SELECT, INSERT, DELETE ON attempt_outcomes TO trunkline_scheduler_worker;

-- When campaigns of a business called a number, over the last seven days: the caps over all of them. The transaction that
-- commits an attempt locks the row.
CREATE TABLE number_dials (
  business_id uuid NOT NULL,
  number text NOT NULL,
  dialed_at timestamptz[] NOT NULL,
  PRIMARY KEY (business_id, number)
) WITH (fillfactor = 80);
CALL isolate_businesses('number_dials');
GRANT SELECT ON number_dials TO trunkline_scheduler;
GRANT SELECT, INSERT, UPDATE, DELETE ON number_dials TO trunkline_scheduler_worker;

-- Do-not-call. The nil UUID stands for all businesses, and for all campaigns of a business.
CREATE TABLE suppression (
  number text NOT NULL,
  business_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  campaign_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  reason text NOT NULL,
  actor text NOT NULL,
  added_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  PRIMARY KEY (number, business_id, campaign_id)
);
CREATE INDEX suppression_list ON suppression (business_id, campaign_id, number);
-- Whoever commits attempts holds this lock in shared mode before the lists are read: a number that is added waits for the
-- attempts that were decided without it, and every later decision sees it.
CREATE FUNCTION wait_for_decisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(8319679514894758771);
  RETURN NULL;
END
$$;
CREATE TRIGGER suppression_waits_for_decisions BEFORE INSERT OR UPDATE ON suppression
  FOR EACH STATEMENT EXECUTE FUNCTION wait_for_decisions();
CALL isolate_businesses('suppression');
GRANT SELECT, INSERT, UPDATE, DELETE ON suppression TO trunkline_scheduler;
GRANT SELECT ON suppression TO trunkline_scheduler_worker;

-- What came of attempts, by the hour in which they ended (UTC) and by the hour of the day where the contact is (-1: not
-- known): statistics, the abandon rate, and when it is best to try again.
CREATE TABLE campaign_hours (
  campaign_id uuid NOT NULL,
  hour timestamptz NOT NULL,
  local_hour smallint NOT NULL,
  disposition smallint NOT NULL,
  business_id uuid NOT NULL,
  attempts bigint NOT NULL,
  talk_milliseconds bigint NOT NULL,
  PRIMARY KEY (campaign_id, hour, local_hour, disposition)
) WITH (fillfactor = 70);
CALL isolate_businesses('campaign_hours');
GRANT SELECT ON campaign_hours TO trunkline_scheduler;
GRANT SELECT, INSERT, UPDATE ON campaign_hours TO trunkline_scheduler_worker;

-- Events on their way to Kafka, written in the transaction that makes them true.
CREATE TABLE campaign_events_outbox (
  outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  business_id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  message bytea NOT NULL,  -- trunkline.campaigns.v1.CampaignEvent
  created_at timestamptz NOT NULL DEFAULT now()
);
CALL isolate_businesses('campaign_events_outbox');
GRANT INSERT ON campaign_events_outbox TO trunkline_scheduler;
GRANT SELECT, INSERT, DELETE ON campaign_events_outbox TO trunkline_scheduler_worker;

-- Imports of contacts: rows are committed in batches, together with how far the file was read.
CREATE TABLE contact_imports (
  import_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  campaign_id uuid NOT NULL REFERENCES campaigns,
  head bytea NOT NULL,         -- trunkline.campaigns.v1.ImportHead
  header text NOT NULL DEFAULT '',  -- of a CSV file, once it was read
  state smallint NOT NULL,     -- trunkline.campaigns.v1.ImportState
  next_offset bigint NOT NULL DEFAULT 0,
  next_line bigint NOT NULL DEFAULT 1,
  rows bigint NOT NULL DEFAULT 0,
  added bigint NOT NULL DEFAULT 0,
  updated bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  errors bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CALL isolate_businesses('contact_imports');
GRANT SELECT, INSERT, UPDATE ON contact_imports TO trunkline_scheduler, trunkline_scheduler_worker;

CREATE TABLE contact_import_errors (
  import_id uuid NOT NULL REFERENCES contact_imports,
  line bigint NOT NULL,
  column_name text NOT NULL,
  business_id uuid NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (import_id, line, column_name)
);
CALL isolate_businesses('contact_import_errors');
GRANT SELECT, INSERT ON contact_import_errors TO trunkline_scheduler, trunkline_scheduler_worker;
