#include "services/gateway/links/link_sink.h"

#include <chrono>
#include <set>
#include <utility>

#include "libs/base/backoff.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/calls/call_facts.h"
#include "services/gateway/dialing/dial_ledger.h"

namespace trunkline::gateway {
namespace {

using events::v1::CallEvent;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

// A call that was placed so shortly before the list was made may not be in it yet.
constexpr absl::Duration kTooYoung = absl::Seconds(10);
constexpr absl::Duration kFirstRetry = absl::Milliseconds(200);
constexpr absl::Duration kLongestRetry = absl::Seconds(5);

std::string CallIdOf(const providers::ProviderCall& call, std::string_view account_id) {
  return call.call_id.empty() ? telephony::CallIdOf(account_id, call.external_call_id) : call.call_id;
}

// How a call ended that was not there any more, from what was known of it last.
CallEvent VanishedFact(const CallIdentity& call, std::string_view status, absl::Time at) {
  const bool talked = status == telephony::NameOf(calls::v1::CALL_STATUS_ANSWERED) ||
                      status == telephony::NameOf(calls::v1::CALL_STATUS_ON_HOLD) ||
                      status == telephony::NameOf(calls::v1::CALL_STATUS_TRANSFERRED);
  CallEvent told;
  told.set_event_id(telephony::EventIdOf(call.provider_account_id, "gateway", {call.call_id, "vanished"}));
  told.set_type(events::v1::CALL_EVENT_TYPE_ENDED);
  told.set_status(talked ? calls::v1::CALL_STATUS_COMPLETED : calls::v1::CALL_STATUS_FAILED);
  told.mutable_hangup()->set_cause(calls::v1::HANGUP_CAUSE_PROVIDER_ERROR);
  told.mutable_hangup()->set_source(calls::v1::HANGUP_SOURCE_SYSTEM);
  return ListedFact(call, std::move(told), at);
}

}  // namespace

void OutboxLinkSink::OnMessage(webhooks::v1::RawWebhook message) {
  const absl::Time now = parts_.clock.Now();
  message.set_webhook_id(NewUuid(now));
  message.set_provider(provider_);
  message.set_provider_account_id(account_id_);
  message.set_business_id(business_id_);
  *message.mutable_received_at() = telephony::ToProto(now);
  if (message.traceparent().empty()) message.set_traceparent(ChildOf(TraceContext()).ToTraceparent());
  const bool kept = UntilDone("keeping a message of a link", [&] {
    return parts_.pool.InTransaction([&](Transaction& tx) {
      return tx
          .Execute("INSERT INTO call_facts_outbox (business_id, call_id, message, created_at) VALUES ($1, $2, $3, $4)",
                   {business_id_, message.call_id(), Parameter::Bytes(message.SerializeAsString()), now})
          .status();
    });
  });
  parts_.metrics.CountLinkMessage(provider_, kept ? "kept" : "not_kept");
}

void OutboxLinkSink::OnLiveCalls(const std::vector<providers::ProviderCall>& live, absl::Time at) {
  UntilDone("comparing the live calls of a link", [&] { return Reconcile(live, at); });
}

bool OutboxLinkSink::UntilDone(std::string_view work, const std::function<absl::Status()>& attempt) {
  Backoff backoff(kFirstRetry, kLongestRetry);
  while (true) {
    const absl::Status done = attempt();
    if (done.ok()) {
      parts_.facts_added();
      return true;
    }
    LogWarning("the link of a provider waits", {{"provider_account_id", account_id_}, {"work", work}, {"error", done}});
    // What the database refuses will not be taken later either.
    if (done.code() == absl::StatusCode::kInvalidArgument) return false;
    std::unique_lock lock(mutex_);
    if (stopped_.wait_for(lock, absl::ToChronoMilliseconds(backoff.Next()), [this] { return stop_; })) return false;
  }
}

void OutboxLinkSink::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
}

absl::Status OutboxLinkSink::Reconcile(const std::vector<providers::ProviderCall>& live, absl::Time at) {
  const absl::Time now = parts_.clock.Now();
  const auto identity = [this](std::string call_id) {
    return CallIdentity{.call_id = std::move(call_id),
                        .business_id = business_id_,
                        .provider = provider_,
                        .provider_account_id = account_id_,
                        .traceparent = CurrentTrace().ToTraceparent()};
  };
  return parts_.pool.InTransaction([&](Transaction& tx) -> absl::Status {
    std::set<std::string> ids;
    for (const providers::ProviderCall& call : live) {
      const CallIdentity told = identity(CallIdOf(call, account_id_));
      ids.insert(told.call_id);
      TL_RETURN_IF_ERROR(AddToOutbox(tx, told, ListedFact(told, call.event, now), now));
    }
    TL_ASSIGN_OR_RETURN(const Result known,
                        tx.Execute("SELECT call_id, status FROM call_queue WHERE provider_account_id = $1 "
                                   "AND external_call_id IS NOT NULL AND started_at < $2",
                                   {account_id_, at - kTooYoung}));
    int vanished = 0;
    for (int i = 0; i < known.size(); ++i) {
      if (ids.contains(known.String(i, 0))) continue;
      const CallIdentity gone = identity(known.String(i, 0));
      TL_RETURN_IF_ERROR(AddToOutbox(tx, gone, VanishedFact(gone, known.Text(i, 1), now), now));
      ++vanished;
    }
    LogInfo("a link compared its live calls", {{"provider_account_id", account_id_},
                                               {"live", static_cast<int64_t>(live.size())},
                                               {"ended meanwhile", vanished}});
    return absl::OkStatus();
  });
}

void OutboxLinkSink::OnState(const absl::Status& state) {
  parts_.metrics.SetLink(account_id_, state.ok());
  if (state.ok()) {
    LogInfo("a link to a provider is up", {{"provider_account_id", account_id_}});
  } else {
    LogWarning("a link to a provider is down", {{"provider_account_id", account_id_}, {"error", state}});
  }
}

}  // namespace trunkline::gateway
