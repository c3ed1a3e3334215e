DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;
CREATE TABLE peer.contacts (
  contact_id bigint PRIMARY KEY,
  number text NOT NULL,
  state smallint NOT NULL DEFAULT 1,
  attempts smallint NOT NULL DEFAULT 0
) WITH (fillfactor = 85);
CREATE TABLE peer.suppressions (number text PRIMARY KEY);
CREATE TABLE peer.attempts (
  attempt_id uuid PRIMARY KEY,
  contact_id bigint NOT NULL,
  number text NOT NULL,
  committed_at timestamptz NOT NULL,
  decision text NOT NULL,
  disposition smallint NOT NULL DEFAULT 0,
  ended_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX ON peer.attempts (number, committed_at);
