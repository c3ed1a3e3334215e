// Admission: the right to have one more call in progress, asked for before anything is dialled.
//
// The order is part of the promises: a slot is held before the dial intent is committed, so that no committed intent is
// without one. A slot belongs to its call from then on and ends with the call, which the one who granted it learns from
// the call's events; the gateway gives a slot back itself only when no intent was committed for it, or when the call
// was certainly not placed over its account and asks for one of another. When the gateway dies in between, the governor
// hears of no call, asks about it after two minutes, and frees the slot: no intent may be committed later than that.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace trunkline::gateway {

struct AdmissionRequest {
  std::string business_id;
  std::string provider_account_id;
  std::string call_id;
  // Of the call over provider accounts, counted from 1: each has a slot of its own, the one before it given back.
  int64_t attempt = 1;
  std::string caller_number;
  std::string campaign_id;
  // The attempt of a campaign that the call carries out, if a scheduler asks: it may hold a slot for it already.
  std::string attempt_id;
  std::string slot_id;  // the slot, where the scheduler names it
};

class Admission {
 public:
  virtual ~Admission() = default;

  // Grants a slot to the call, or finds that it has it still. Idempotent for a call_id and attempt. RESOURCE_EXHAUSTED
  // LIMIT_REACHED, with RetryInfo, when a limit of the business, the account or the whole is reached; UNAVAILABLE when
  // it cannot be told now. Thread-safe; may block.
  virtual absl::Status Acquire(const AdmissionRequest& request) = 0;

  // Gives back the slot of a call that will not be dialled over its account. Must not fail: a slot that
  // cannot be given back now ends with its lease.
  virtual void Release(const AdmissionRequest& request) = 0;

  // The provider refused a call of the account because there are too many at once, or too fast. Does not block.
  virtual void NoteRefusal(const std::string& business_id, const std::string& provider_account_id) = 0;
};

// True of a refusal by limits that another account of the business does not share: all that was full is the account, or
// the number that it shows.
bool AnotherAccountMayPass(const absl::Status& refusal);

// Grants everything: for deployments without limits.
class UnlimitedAdmission final : public Admission {
 public:
  absl::Status Acquire(const AdmissionRequest& /*request*/) override { return absl::OkStatus(); }
  void Release(const AdmissionRequest& /*request*/) override {}
  void NoteRefusal(const std::string& /*business_id*/, const std::string& /*provider_account_id*/) override {}
};

}  // namespace trunkline::gateway
