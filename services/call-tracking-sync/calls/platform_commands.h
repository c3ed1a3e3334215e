// What is asked of a platform while somebody waits: written down for the owner of the account, which carries it out.
//
// Any replica may be asked by a business; only the owner of an account asks its platform, so that one budget counts all
// requests. A command that was begun and not concluded, by a crash, is carried out again: each kind may be.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/work/account_at_work.h"
#include "services/call-tracking-sync/work/notices.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/tracking/v1/tracking_call_service.pb.h"

namespace trunkline::tracking_sync {

struct PlatformCommand {
  enum class Kind { kFetchCall, kUpdateCall };
  Kind kind = Kind::kFetchCall;
  std::string business_id;
  std::string provider_account_id;
  std::string external_call_id;
  tracking::v1::UpdateTrackedCallRequest update = {};  // of kUpdateCall
  std::string actor;
};

// The side of those who wait.
class PlatformCommands {
 public:
  struct Options {
    absl::Duration look = absl::Seconds(1);  // how often it looks without a notice
  };
  // All of them outlive the object. The pool acts for one business at a time.
  PlatformCommands(postgres::Pool& pool, Notices& notices, const Clock& clock, Options options)
      : pool_(pool), notices_(notices), clock_(clock), options_(options) {}

  // The response's bytes: a CallRecord, or an UpdateTrackedCallResponse. The error that carrying it out gave;
  // DEADLINE_EXCEEDED when it was not done in time, and may be done later.
  absl::StatusOr<std::string> Ask(const PlatformCommand& command, absl::Duration limit);

 private:
  postgres::Pool& pool_;
  Notices& notices_;
  const Clock& clock_;
  const Options options_;
};

// The side of the owner.
class CommandRunner {
 public:
  struct Options {
    absl::Duration kept = absl::Hours(1);  // a command after its end
  };
  // Both outlive the object. The pool acts across businesses.
  CommandRunner(postgres::Pool& pool, const Clock& clock, Options options)
      : pool_(pool), clock_(clock), options_(options) {}

  // Carries out the account's oldest command that somebody waits for; false when there is none. Only its owner calls
  // it. A failure of the platform is the command's; ABORTED when the account has another owner.
  absl::StatusOr<bool> WorkOn(const AccountAtWork& work);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
};

// A call as it will be here, of what the platform told alone.
calls::v1::CallRecord RecordOf(const tracking::Account& account, const tracking::PlatformCall& call);

}  // namespace trunkline::tracking_sync
