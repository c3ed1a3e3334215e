WITH ended AS (
  UPDATE peer.attempts SET disposition = 1, ended_at = now() WHERE attempt_id = $1::uuid RETURNING contact_id
)
UPDATE peer.contacts c SET state = 4 FROM ended WHERE c.contact_id = ended.contact_id
