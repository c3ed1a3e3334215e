-- The roles of the services. They log in with passwords that the deployment sets (ALTER ROLE ... PASSWORD).
--
-- trunkline_gateway          serves requests; sees one business at a time (row-level security, app.business_id)
-- trunkline_gateway_worker   the gateway's own work across businesses: dial ledger, outbox, accounts for ingest
-- trunkline_normalizer       the one writer of call state
-- trunkline_reader           reads everything, writes nothing: operators, reports, tests
--
-- BYPASSRLS needs a superuser. Where there is none, create the roles beforehand; existing ones are left as they are.
DO $$
DECLARE
  attributes record;
BEGIN
  FOR attributes IN
    SELECT * FROM (VALUES ('trunkline_gateway', 'NOBYPASSRLS'),
                          ('trunkline_gateway_worker', 'BYPASSRLS'),
                          ('trunkline_normalizer', 'BYPASSRLS'),
                          ('trunkline_reader', 'BYPASSRLS')) AS role(name, rls)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = attributes.name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE %s', attributes.name, attributes.rls);
    END IF;
  END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO trunkline_gateway, trunkline_gateway_worker, trunkline_normalizer, trunkline_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO trunkline_reader;

-- The business that the transaction works for; null when none is set, and then no row is visible.
CREATE FUNCTION current_business_id() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('app.business_id', true), '')::uuid;

-- Puts a table under row-level security: every role that does not bypass it sees the rows of one business.
CREATE PROCEDURE isolate_businesses(isolated regclass)
  LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', isolated);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', isolated);
  EXECUTE format('CREATE POLICY own_business ON %s USING (business_id = current_business_id()) '
                 'WITH CHECK (business_id = current_business_id())', isolated);
END
$$;
