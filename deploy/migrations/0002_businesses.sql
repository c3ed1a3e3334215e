-- Tenants and their API keys.
CREATE TABLE businesses (
  business_id uuid PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CALL isolate_businesses('businesses');
GRANT SELECT ON businesses TO trunkline_gateway, trunkline_gateway_worker;

-- A key is shown once and kept as its SHA-256: it has 256 bits of chance, so that a slow hash would add nothing.
CREATE TABLE api_keys (
  api_key_id uuid PRIMARY KEY,
  business_id uuid NOT NULL REFERENCES businesses,
  name text NOT NULL,
  key_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(key_sha256) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);
CALL isolate_businesses('api_keys');

-- Whose key it is. The one question that is asked before a business is known, so it is a function with the owner's
-- rights and not a policy with a hole.
CREATE FUNCTION business_of_api_key(sha256 bytea) RETURNS TABLE (api_key_id uuid, business_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
  BEGIN ATOMIC
    SELECT k.api_key_id, k.business_id FROM api_keys k WHERE k.key_sha256 = sha256 AND k.revoked_at IS NULL;
  END;
REVOKE ALL ON FUNCTION business_of_api_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION business_of_api_key TO trunkline_gateway;

-- What people and services did, apart from calls.
CREATE TABLE audit_log (
  audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  business_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_business_at ON audit_log (business_id, at);
CALL isolate_businesses('audit_log');
GRANT SELECT, INSERT ON audit_log TO trunkline_gateway, trunkline_gateway_worker;
