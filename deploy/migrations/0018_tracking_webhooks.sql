-- Webhooks that are entered at the platforms, and those that never came; calls that are to be read by their ids.

-- Whether an account's webhooks are to stand at its platform. Its owner enters them, and looks once a day whether they
-- are still there.
CREATE TABLE tracking_webhook_registrations (
  provider_account_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  is_wanted boolean NOT NULL,
  actor text NOT NULL,                       -- who asked last
  wish bigint NOT NULL DEFAULT 1,            -- how often was asked
  settled_wish bigint NOT NULL DEFAULT 0,    -- the last one that was carried out
  asked_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  urls_sha256 bytea,                         -- of the URLs as they were entered, with their secrets
  verified_at timestamptz,                   -- when they were last found or made at the platform
  tries integer NOT NULL DEFAULT 0,          -- that failed, in a row
  error text NOT NULL DEFAULT '',
  FOREIGN KEY (business_id, provider_account_id) REFERENCES telephony_providers (business_id, provider_account_id)
) WITH (fillfactor = 50);
CREATE INDEX tracking_webhook_registrations_business ON tracking_webhook_registrations (business_id);
CALL isolate_businesses('tracking_webhook_registrations');
GRANT SELECT, INSERT ON tracking_webhook_registrations TO trunkline_tracking;
GRANT UPDATE (is_wanted, actor, wish, asked_at, due_at, tries, error) ON tracking_webhook_registrations TO trunkline_tracking;
GRANT SELECT, INSERT, UPDATE, DELETE ON tracking_webhook_registrations TO trunkline_tracking_worker;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OF wish, settled_wish, tries ON tracking_webhook_registrations
  FOR EACH ROW EXECUTE FUNCTION announce_tracking_work();

-- Calls are read by their ids not only after webhooks: because the list that told them leaves something out, or because
-- a list does not tell them any more.
ALTER TABLE tracking_fetches
  ADD COLUMN reason smallint NOT NULL DEFAULT 0,  -- 0: a webhook; 1, 3: to have it whole, 3 after the others; 2: lost
  ALTER COLUMN notified_at DROP NOT NULL;         -- null: no webhook told of it
DROP INDEX tracking_fetches_due;
CREATE INDEX tracking_fetches_due ON tracking_fetches (provider_account_id, reason, due_at);
-- Since when a call that goes on at its platform is taken for ended here: it went on for too long.
ALTER TABLE tracked_records ADD COLUMN stale_at timestamptz;

-- Until when it was looked whether webhooks told of the calls that ended, and what came of it.
ALTER TABLE sync_status
  ADD COLUMN webhooks_checked_until timestamptz,             -- null: since the account is known
  ADD COLUMN webhooks_expected bigint NOT NULL DEFAULT 0,    -- calls that ended while webhooks were to be expected
  ADD COLUMN webhooks_missed bigint NOT NULL DEFAULT 0;      -- of which none told
CREATE INDEX tracked_records_ended ON tracked_records (provider_account_id, ended_at) WHERE ended_at IS NOT NULL;
-- What the platform tells of the webhooks that a recovery missed, a call at a time.
ALTER TABLE sync_runs
  -- The last call that was asked about: its beginning and its id.
  ADD COLUMN evidence_from timestamptz NOT NULL DEFAULT '-infinity',
  ADD COLUMN evidence_after text NOT NULL DEFAULT '',
  ADD COLUMN evidence_asked bigint NOT NULL DEFAULT 0,
  ADD COLUMN delivered_not_processed bigint NOT NULL DEFAULT 0,     -- of them, that the platform says it delivered
  ADD COLUMN evidence_is_complete boolean NOT NULL DEFAULT false,
  ADD COLUMN evidence_due_at timestamptz NOT NULL DEFAULT '-infinity';
UPDATE sync_runs SET evidence_is_complete = true WHERE state IN ('done', 'failed', 'canceled');
