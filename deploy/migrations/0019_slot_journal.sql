-- The slots become a journal: a commit of the governor adds one row, whatever it decided, with a line for each slot that
-- it changed. The last line of a slot is what it is now; rows of which no line is the last of its slot go. Run it when
-- the governor of this version is about to start: an older one cannot write any more, and grants nothing.
--
-- A line has the columns of active_calls in their order, between tabs; times as microseconds since 1970, NULL as nothing,
-- and in texts %09 for a tab, %0A for the end of a line and %25 for %.
CREATE TABLE slot_journal (
  last_line bigint PRIMARY KEY,  -- the number of the last of its lines
  lines text NOT NULL
);
-- Compressing costs more than it saves: a row lives for minutes.
ALTER TABLE slot_journal ALTER COLUMN lines SET STORAGE EXTERNAL;

-- For this migration alone.
CREATE FUNCTION text_of(value text) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN replace(replace(replace(value, '%', '%25'), E'\t', '%09'), E'\n', '%0A');
CREATE FUNCTION time_of(value timestamptz) RETURNS bigint LANGUAGE sql STABLE
  RETURN (extract(epoch FROM value) * 1000000)::bigint;

LOCK TABLE active_calls;
-- For an owner that does not bypass row-level security.
ALTER TABLE active_calls NO FORCE ROW LEVEL SECURITY;
INSERT INTO slot_journal (last_line, lines)
SELECT count(*), string_agg(line, E'\n')
FROM (SELECT concat(slot_id, E'\t', fencing_token, E'\t', business_id, E'\t', text_of(request_id), E'\t', kind, E'\t',
                    text_of(provider_account_id), E'\t', text_of(caller_number), E'\t', text_of(campaign_id), E'\t',
                    text_of(call_id), E'\t', time_of(granted_at), E'\t', time_of(expires_at), E'\t',
                    time_of(released_at), E'\t', release_reason, E'\t', time_of(heard_at)) AS line
      FROM active_calls) AS slots
HAVING count(*) > 0;
DROP TABLE active_calls;
DROP FUNCTION text_of, time_of;

-- Rows hold slots of many businesses: nobody but roles that see all of them may look.
ALTER TABLE slot_journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE slot_journal FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON slot_journal TO trunkline_governor;

-- The slots that the journal tells of: those in use, and for a while those that have ended.
CREATE FUNCTION text_of_journal(field text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN replace(replace(replace(field, '%09', E'\t'), '%0A', E'\n'), '%25', '%');
CREATE FUNCTION time_of_journal(field text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN timestamptz 'epoch' + nullif(field, '')::bigint * interval '1 microsecond';
CREATE VIEW active_calls WITH (security_invoker = true) AS
SELECT slot_id::uuid,
       fields[2]::bigint AS fencing_token,
       CASE WHEN fields[3] ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN fields[3]::uuid END AS business_id,
       text_of_journal(fields[4]) AS request_id,
       fields[5]::smallint AS kind,  -- trunkline.governor.v1.SlotKind
       text_of_journal(fields[6]) AS provider_account_id,
       text_of_journal(fields[7]) AS caller_number,
       text_of_journal(fields[8]) AS campaign_id,
       text_of_journal(fields[9]) AS call_id,  -- empty: a reservation
       time_of_journal(fields[10]) AS granted_at,
       time_of_journal(fields[11]) AS expires_at,  -- of a reservation
       time_of_journal(fields[12]) AS released_at,
       fields[13]::smallint AS release_reason,  -- trunkline.governor.v1.ReleaseReason
       time_of_journal(fields[14]) AS heard_at  -- when something was heard of its call last
FROM (SELECT DISTINCT ON (slot_id) line.slot_id, line.fields
      FROM slot_journal,
           LATERAL (SELECT split_part(text, E'\t', 1) AS slot_id, string_to_array(text, E'\t') AS fields
                    FROM string_to_table(lines, E'\n') AS text) AS line
      ORDER BY slot_id, last_line DESC) AS latest;
GRANT SELECT ON active_calls TO trunkline_governor;
