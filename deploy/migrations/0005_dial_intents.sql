-- The gateway's ledger of dials (promise 6). An intent is committed before the provider is asked; what is in it is
-- enough to find out, after any crash, whether the call was placed.

-- Idempotency of InitiateCall: which call a request_id gave, and a digest of what was asked.
CREATE TABLE call_requests (
  business_id uuid NOT NULL,
  request_id uuid NOT NULL,
  body_sha256 bytea NOT NULL,
  call_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (business_id, request_id)
);
CALL isolate_businesses('call_requests');
GRANT SELECT, INSERT ON call_requests TO trunkline_gateway;

CREATE TABLE dial_intents (
  call_id uuid PRIMARY KEY,
  business_id uuid NOT NULL,
  provider_account_id uuid NOT NULL,
  from_number text NOT NULL,
  to_number text NOT NULL,
  plan bytea NOT NULL,  -- trunkline.plans.v1.CallPlan
  state text NOT NULL CHECK (state IN ('committed', 'placed', 'rejected', 'in_doubt', 'not_placed')),
  external_call_id text,
  resolved_by text CHECK (resolved_by IN ('reply', 'webhook', 'listing')),
  committed_at timestamptz NOT NULL,
  resolved_at timestamptz,
  -- When the reconciler should look at an intent whose outcome is not known; it takes an intent by moving this time.
  check_at timestamptz NOT NULL,
  checks integer NOT NULL DEFAULT 0,
  traceparent text,
  campaign_id text,
  -- trunkline.calls.v1.CallState: the gateway's own facts of the call, merged. The normalizer writes them a moment later;
  -- until then the call is answered from here.
  facts bytea NOT NULL
);
-- Lists of calls, newest first.
CREATE INDEX dial_intents_business_committed ON dial_intents (business_id, committed_at DESC, call_id DESC);
-- Intents that could be meant by the same call of a provider's listing.
CREATE INDEX dial_intents_doubtful ON dial_intents (provider_account_id, to_number)
  WHERE state IN ('committed', 'in_doubt');
CREATE INDEX dial_intents_unresolved ON dial_intents (check_at) WHERE state IN ('committed', 'in_doubt');
CREATE UNIQUE INDEX dial_intents_external ON dial_intents (provider_account_id, external_call_id)
  WHERE external_call_id IS NOT NULL;
CALL isolate_businesses('dial_intents');
GRANT SELECT, INSERT, UPDATE ON dial_intents TO trunkline_gateway, trunkline_gateway_worker;

-- Facts that the gateway tells the normalizer, written in the transaction that makes them true and sent to
-- webhooks.raw afterwards. A fact that is sent twice has the same event_id.
CREATE TABLE call_facts_outbox (
  outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  business_id uuid NOT NULL,
  call_id uuid NOT NULL,
  message bytea NOT NULL,  -- trunkline.webhooks.v1.RawWebhook
  created_at timestamptz NOT NULL DEFAULT now()
);
CALL isolate_businesses('call_facts_outbox');
GRANT INSERT ON call_facts_outbox TO trunkline_gateway;
GRANT SELECT, INSERT, DELETE ON call_facts_outbox TO trunkline_gateway_worker;
