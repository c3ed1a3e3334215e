WITH due AS (
  SELECT contact_id, number FROM peer.contacts c
  WHERE state = 1 AND attempts < 3
    AND NOT EXISTS (SELECT FROM peer.suppressions s WHERE s.number = c.number)
    AND (SELECT count(*) FROM peer.attempts a WHERE a.number = c.number AND a.committed_at > now() - interval '1 day') < 3
  ORDER BY contact_id LIMIT 1 FOR UPDATE SKIP LOCKED
), begun AS (
  INSERT INTO peer.attempts (attempt_id, contact_id, number, committed_at, decision)
  SELECT gen_random_uuid(), contact_id, number, now(), 'allowed: list, cap, attempts' FROM due RETURNING attempt_id, contact_id
)
UPDATE peer.contacts c SET state = 2, attempts = attempts + 1 FROM begun WHERE c.contact_id = begun.contact_id RETURNING begun.attempt_id::text
