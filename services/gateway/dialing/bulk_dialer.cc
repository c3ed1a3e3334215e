#include "services/gateway/dialing/bulk_dialer.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::gateway {
namespace {

using control::v1::InitiateCallsRequest;
using control::v1::InitiateCallsResponse;
using providers::DialOutcome;

constexpr int kMostNumbers = 1'000;
// So many intents are committed before the provider is asked for them, well within the time that an intent may wait.
constexpr size_t kTogether = 100;
// Where each number is asked for by itself.
constexpr size_t kAtATime = 8;

absl::Status CheckBulk(const InitiateCallsRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.request_id(), "request_id");
  checks.Require(request.common().request_id().empty(), "common.request_id", "must be empty: the bulk has one");
  checks.Require(request.common().to().empty(), "common.to", "must be empty: the numbers are in to");
  std::set<std::string> seen;
  if (checks.Require(request.to_size() >= 1 && request.to_size() <= kMostNumbers, "to",
                     Concat("must be from 1 to ", kMostNumbers, " numbers"))) {
    for (int i = 0; i < request.to_size(); ++i) {
      checks.Require(seen.insert(telephony::ToE164(request.to(i)).value_or(request.to(i))).second,
                     Concat("to[", i, "]"), "is there already");
    }
  }
  return checks.Finish();
}

errors::v1::RequestError ErrorOf(const absl::Status& status) {
  errors::v1::RequestError error;
  error.set_code(static_cast<int>(status.code()));
  error.set_reason(ReasonOf(status));
  error.set_message(std::string(ToStd(status.message())));
  return error;
}

// Calls `work` with each number below `count`, on a few threads; returns when all is done.
void AFewAtATime(size_t count, const std::function<void(size_t)>& work) {
  const TraceContext trace = CurrentTrace();
  std::atomic<size_t> next = 0;
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < std::min(kAtATime, count); ++i) {
    threads.emplace_back([&] {
      const TraceScope scope(trace);
      for (size_t at = next++; at < count; at = next++) work(at);
    });
  }
}

}  // namespace

absl::StatusOr<InitiateCallsResponse> BulkDialer::Initiate(const rpc::Caller& caller,
                                                           const InitiateCallsRequest& request) {
  TL_RETURN_IF_ERROR(CheckBulk(request));
  // Another business may choose the same request_id.
  const std::string bulk_id = UuidOfName("bulk", Concat(caller.business_id, '\0', Lower(request.request_id())));
  std::vector<Member> members;
  for (const std::string& to : request.to()) {
    const std::string number = telephony::ToE164(to).value_or(to);
    Member member{.bulk_id = bulk_id,
                  .call_id = telephony::CallIdOfBulk(bulk_id, number),
                  .request = request.common(),
                  .prepared = absl::UnknownError("not prepared"),
                  .call = absl::UnknownError("not dialled")};
    member.request.set_to(number);
    member.request.set_request_id(UuidOfName("bulk member", Concat(bulk_id, '\0', number)));
    members.push_back(std::move(member));
  }
  for (size_t begin = 0; begin < members.size(); begin += kTogether) {
    std::vector<Member*> some;
    for (size_t i = begin; i < std::min(members.size(), begin + kTogether); ++i) some.push_back(&members[i]);
    Dial(caller, std::move(some));
  }

  InitiateCallsResponse response;
  for (size_t i = 0; i < members.size(); ++i) {
    control::v1::InitiateCallsResult* result = response.add_results();
    result->set_to(request.to(static_cast<int>(i)));
    if (members[i].call.ok()) {
      *result->mutable_call() = *std::move(members[i].call);
    } else {
      *result->mutable_error() = ErrorOf(members[i].call.status());
    }
  }
  return response;
}

void BulkDialer::Dial(const rpc::Caller& caller, std::vector<Member*> members) {
  std::map<std::string, std::vector<Member*>> together;  // by provider account
  std::mutex mutex;
  const auto prepare = [&](Member* member) {
    member->prepared = pipeline_.Prepare(caller, member->request, member->call_id);
    if (!member->prepared.ok()) {
      member->call = member->prepared.status();
      return;
    }
    PreparedDial& prepared = *member->prepared;
    if (prepared.repeated.has_value()) {
      member->call = *std::move(prepared.repeated);
      return;
    }
    if (prepared.route.provider->Features().contains(providers::v1::FEATURE_BULK_DIAL)) {
      const std::lock_guard lock(mutex);
      together[Concat(prepared.route.account.id, ' ', prepared.route.from)].push_back(member);
      return;
    }
    member->call = pipeline_.Place(prepared);
  };

  AFewAtATime(members.size(), [&](size_t i) { prepare(members[i]); });
  for (const auto& [account, of_account] : together) DialTogether(of_account);
}

void BulkDialer::DialTogether(const std::vector<Member*>& members) {
  std::vector<Member*> asked;
  std::vector<CallIdentity> calls;
  providers::BulkDialRequest request;
  for (Member* member : members) {
    const PreparedDial& prepared = *member->prepared;
    if (pipeline_.IsTooLate(prepared)) {
      member->call = pipeline_.Look(prepared);
      continue;
    }
    asked.push_back(member);
    calls.push_back(prepared.call);
    request.to.push_back(prepared.to);
  }
  if (asked.empty()) return;
  const DialRoute& route = asked.front()->prepared->route;
  request.bulk_id = asked.front()->bulk_id;
  request.options = asked.front()->prepared->options;
  const std::vector<DialOutcome> outcomes = requests_.AskForAll(
      calls, "place_calls", [&] { return route.provider->Client().PlaceCalls(route.account, request); });
  // Those that go over to another account are asked for there one by one.
  AFewAtATime(asked.size(), [&](size_t i) { asked[i]->call = pipeline_.Finish(*asked[i]->prepared, outcomes[i]); });
}

}  // namespace trunkline::gateway
