-- Most slots change only once after they were granted: they end. A line of an end tells just that, in a fifth of the
-- bytes: the id of the slot, "-", and the columns released_at, release_reason and heard_at. The last whole line before it
-- tells the rest, and stays for as long as the slot is remembered. In a whole line heard_at is nothing where it is
-- granted_at. Run it when the governor of this version is about to start: an older one cannot read such lines, and
-- grants nothing.
--
-- The governor cuts the lines of a commit into rows that fit into a page, so that none is kept in pieces elsewhere.
ALTER TABLE slot_journal SET (toast_tuple_target = 8160);

CREATE OR REPLACE VIEW active_calls WITH (security_invoker = true) AS
WITH line AS MATERIALIZED (
  SELECT split_part(text, E'\t', 1) AS slot_id, string_to_array(text, E'\t') AS fields, last_line, place
  FROM slot_journal, LATERAL string_to_table(lines, E'\n') WITH ORDINALITY AS t(text, place)
), whole AS (
  SELECT DISTINCT ON (slot_id) * FROM line WHERE fields[2] <> '-' ORDER BY slot_id, last_line DESC, place DESC
), ended AS (
  SELECT DISTINCT ON (slot_id) * FROM line WHERE fields[2] = '-' ORDER BY slot_id, last_line DESC, place DESC
)
SELECT w.slot_id::uuid,
       w.fields[2]::bigint AS fencing_token,
       CASE WHEN w.fields[3] ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN w.fields[3]::uuid END AS business_id,
       text_of_journal(w.fields[4]) AS request_id,
       w.fields[5]::smallint AS kind,  -- trunkline.governor.v1.SlotKind
       text_of_journal(w.fields[6]) AS provider_account_id,
       text_of_journal(w.fields[7]) AS caller_number,
       text_of_journal(w.fields[8]) AS campaign_id,
       text_of_journal(w.fields[9]) AS call_id,  -- empty: a reservation
       time_of_journal(w.fields[10]) AS granted_at,
       time_of_journal(w.fields[11]) AS expires_at,  -- of a reservation
       time_of_journal(coalesce(e.fields[3], w.fields[12])) AS released_at,
       coalesce(e.fields[4], w.fields[13])::smallint AS release_reason,  -- trunkline.governor.v1.ReleaseReason
       -- when something was heard of its call last
       coalesce(time_of_journal(coalesce(e.fields[5], w.fields[14])), time_of_journal(w.fields[10])) AS heard_at
FROM whole AS w
LEFT JOIN ended AS e ON e.slot_id = w.slot_id AND (e.last_line, e.place) > (w.last_line, w.place);
