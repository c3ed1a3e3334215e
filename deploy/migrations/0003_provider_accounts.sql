-- Provider accounts and numbers.
CREATE TABLE telephony_providers (
  provider_account_id uuid PRIMARY KEY,
  business_id uuid NOT NULL REFERENCES businesses,
  provider text NOT NULL,
  display_name text NOT NULL DEFAULT '',
  settings jsonb NOT NULL DEFAULT '{}',
  -- By name: "secret:NAME", or "sealed:" and base64 of AES-256-GCM over the value, bound to account and name.
  credentials jsonb NOT NULL DEFAULT '{}',
  enabled boolean NOT NULL DEFAULT true,
  is_default boolean NOT NULL DEFAULT false,
  revision bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (business_id, provider_account_id)
);
CREATE UNIQUE INDEX telephony_providers_one_default ON telephony_providers (business_id) WHERE is_default;
CALL isolate_businesses('telephony_providers');
GRANT SELECT, INSERT, UPDATE ON telephony_providers TO trunkline_gateway;
GRANT SELECT ON telephony_providers TO trunkline_gateway_worker;

-- A number belongs to one account; the same number may not be claimed twice.
CREATE TABLE business_phone_numbers (
  number text PRIMARY KEY CHECK (number ~ '^\+[1-9][0-9]{1,14}$'),
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL,
  is_default boolean NOT NULL DEFAULT false,
  inbound_plan bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (business_id, provider_account_id) REFERENCES telephony_providers (business_id, provider_account_id)
);
CREATE UNIQUE INDEX business_phone_numbers_one_default ON business_phone_numbers (provider_account_id) WHERE is_default;
CALL isolate_businesses('business_phone_numbers');
GRANT SELECT, INSERT, UPDATE ON business_phone_numbers TO trunkline_gateway;
GRANT SELECT ON business_phone_numbers TO trunkline_gateway_worker;

-- Wakes the gateways, which hand the accounts to webhook-ingest; they also look by themselves now and then.
CREATE FUNCTION announce_provider_account() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('provider_accounts', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON telephony_providers
  FOR EACH STATEMENT EXECUTE FUNCTION announce_provider_account();
CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON business_phone_numbers
  FOR EACH STATEMENT EXECUTE FUNCTION announce_provider_account();
