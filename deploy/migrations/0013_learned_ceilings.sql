-- What refusals of providers taught the governor: a provider account took no more than so many calls then. The ceiling
-- rises by itself; the row goes when it has reached the configured one.
CREATE TABLE learned_ceilings (
  provider_account_id text PRIMARY KEY,
  calls integer NOT NULL,
  learned_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON learned_ceilings TO trunkline_governor;

-- When something was heard of a slot's call last, as far as the journal was told: it is written with other changes, and
-- else when some time has passed, so that a new leader does not ask about a long call too early.
ALTER TABLE active_calls ADD COLUMN heard_at timestamptz;

-- A slot changes once or twice before it goes: with room for that on its page, no index is touched.
ALTER TABLE active_calls SET (fillfactor = 50);
