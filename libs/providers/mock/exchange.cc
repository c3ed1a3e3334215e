#include "libs/providers/mock/exchange.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/providers/mock/exchange_errors.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::mock {
namespace {

constexpr absl::Duration kUntilDialled = absl::Milliseconds(200);
constexpr absl::Duration kUntilRinging = absl::Milliseconds(600);
constexpr absl::Duration kUntilFailed = absl::Milliseconds(900);
constexpr absl::Duration kDetection = absl::Milliseconds(1500);
constexpr size_t kMostCalls = 10'000;
constexpr double kOpinionScore = 4.2;

}  // namespace

Exchange::Exchange(Timer& timer, std::unique_ptr<PlanSource> plans) : timer_(timer), plans_(std::move(plans)) {}

Exchange::~Exchange() {
  timer_.Stop();
  plans_.reset();
}

// --- the beginning -------------------------------------------------------------------------------------------------

std::string Exchange::Place(const Account& account, std::string call_id, std::string to, const DialOptions& options) {
  const std::lock_guard lock(mutex_);
  auto call = std::make_shared<Call>();
  call->account = std::make_shared<Account>(account);
  call->call_id = std::move(call_id);
  call->placed = true;
  call->from = options.from;
  call->to = std::move(to);
  call->options = options;
  Add(call);
  Later(call, kUntilDialled, [this](const CallPtr& dialled) {
    Move(dialled, calls::v1::CALL_STATUS_INITIATED, events::v1::CALL_EVENT_TYPE_INITIATED);
    if (dialled->script.pickup == Pickup::kUnreachable) {
      Later(dialled, kUntilFailed, [this](const CallPtr& failed) {
        Finish(failed, calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_INVALID_NUMBER,
               calls::v1::HANGUP_SOURCE_SYSTEM);
      });
    } else {
      Later(dialled, kUntilRinging, [this](const CallPtr& rings) { Ring(rings); });
    }
  });
  return call->external_call_id;
}

std::string Exchange::Receive(const Account& account, const InboundCall& inbound) {
  const std::lock_guard lock(mutex_);
  auto call = std::make_shared<Call>();
  call->account = std::make_shared<Account>(account);
  call->from = inbound.from;
  call->to = inbound.to;
  call->direction = calls::v1::CALL_DIRECTION_INBOUND;
  call->keys.assign(inbound.keys.begin(), inbound.keys.end());
  Add(call);
  Move(call, calls::v1::CALL_STATUS_RINGING, events::v1::CALL_EVENT_TYPE_RINGING);
  Later(call, inbound.patience, [this](const CallPtr& waiting) {
    Finish(waiting, waiting->IsAnswered() ? calls::v1::CALL_STATUS_COMPLETED : calls::v1::CALL_STATUS_ABANDONED,
           calls::v1::HANGUP_CAUSE_USER_HANGUP, calls::v1::HANGUP_SOURCE_CALLER);
  });
  AskForPlan(call, {});
  return call->external_call_id;
}

void Exchange::Add(const CallPtr& call) {
  call->created_at = timer_.Now();
  call->external_call_id = Concat("MK", NewUuid(call->created_at));
  if (call->call_id.empty()) call->call_id = telephony::CallIdOf(call->account->id, call->external_call_id);
  call->time_scale = TimeScaleOf(*call->account);
  call->script = ScriptFor(call->IsInbound() ? call->from : call->to);
  call->status = calls::v1::CALL_STATUS_INITIATED;
  std::deque<CallPtr>& calls = accounts_[call->account->id].calls;
  if (calls.size() >= kMostCalls) {
    const auto oldest = std::find_if(calls.begin(), calls.end(), [](const CallPtr& old) { return old->ended_at; });
    if (oldest != calls.end()) calls.erase(oldest);
  }
  calls.push_back(call);
}

void Exchange::Ring(const CallPtr& call) {
  Move(call, calls::v1::CALL_STATUS_RINGING, events::v1::CALL_EVENT_TYPE_RINGING);
  if (call->script.ring >= call->options.ring_timeout) {
    Later(call, call->options.ring_timeout, [this](const CallPtr& rings) {
      Finish(rings, calls::v1::CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_TIMEOUT, calls::v1::HANGUP_SOURCE_SYSTEM);
    });
    return;
  }
  Later(call, call->script.ring, [this](const CallPtr& rings) {
    if (rings->script.pickup == Pickup::kAnswer) return PickUp(rings);
    const bool busy = rings->script.pickup == Pickup::kBusy;
    Finish(rings, calls::v1::CALL_STATUS_BUSY, busy ? calls::v1::HANGUP_CAUSE_BUSY : calls::v1::HANGUP_CAUSE_REJECTED,
           calls::v1::HANGUP_SOURCE_CALLEE);
  });
}

void Exchange::PickUp(const CallPtr& call) {
  call->answered_at = timer_.Now();
  Move(call, calls::v1::CALL_STATUS_ANSWERED, events::v1::CALL_EVENT_TYPE_ANSWERED);
  if (call->IsInbound()) return;
  if (call->options.record) Record(call);
  if (call->options.time_limit.has_value()) {
    Later(call, *call->options.time_limit, [this](const CallPtr& limited) {
      Finish(limited, calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
             calls::v1::HANGUP_SOURCE_SYSTEM);
    });
  }
  if (call->options.detect_machine) {
    Later(call, kDetection, [this](const CallPtr& heard) {
      heard->answered_by = heard->script.listener;
      Tell(heard, events::v1::CALL_EVENT_TYPE_MACHINE_DETECTED,
           [&heard](events::v1::CallEvent& event) { event.mutable_details()->set_answered_by(heard->answered_by); });
    });
  }
  HangUpLater(call, call->script.patience);
  AskForPlan(call, {});
}

void Exchange::HangUpLater(const CallPtr& call, absl::Duration simulated) {
  Later(call, simulated, [this](const CallPtr& tired) {
    Finish(tired, calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_USER_HANGUP,
           tired->IsInbound() ? calls::v1::HANGUP_SOURCE_CALLER : calls::v1::HANGUP_SOURCE_CALLEE);
  });
}

// --- the end -------------------------------------------------------------------------------------------------------

void Exchange::Finish(const CallPtr& call, calls::v1::CallStatus status, calls::v1::HangupCause cause,
                      calls::v1::HangupSource source) {
  if (call->ended_at.has_value()) return;
  call->ended_at = timer_.Now();
  ++call->instructions;
  if (call->answered_at.has_value()) {
    // As a telephone network counts: in whole seconds.
    const absl::Duration talked = (*call->ended_at - *call->answered_at) / call->time_scale;
    call->talked = absl::Ceil(talked, absl::Seconds(1));
  }
  call->status = status;
  call->hangup.set_cause(cause);
  call->hangup.set_source(source);
  if (!call->IsInbound()) call->sip_code = call->answered_at.has_value() ? 200 : call->script.sip_code;
  for (const RecordingPtr& recording : call->recordings) StopRecording(call, recording);
  Tell(call, events::v1::CALL_EVENT_TYPE_ENDED, [&call](events::v1::CallEvent& event) {
    event.set_status(call->status);
    *event.mutable_hangup() = call->hangup;
    calls::v1::CallDetails& details = *event.mutable_details();
    if (call->sip_code != 0) details.set_sip_response_code(call->sip_code);
    if (!call->answered_at.has_value()) return;
    *details.mutable_talk_duration() = telephony::ToProto(call->talked);
    details.mutable_quality()->set_mean_opinion_score(kOpinionScore);
    if (const auto cost = CostOf(*call); cost.has_value()) *details.mutable_cost() = *cost;
  });
}

absl::Status Exchange::End(const Account& account, std::string_view external_call_id) {
  const std::lock_guard lock(mutex_);
  const absl::StatusOr<CallPtr> call = Find(account, external_call_id);
  if (!call.ok()) return call.status();
  Finish(*call,
         (*call)->answered_at.has_value() ? calls::v1::CALL_STATUS_COMPLETED
         : (*call)->IsInbound()           ? calls::v1::CALL_STATUS_MISSED
                                          : calls::v1::CALL_STATUS_CANCELED,
         calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP, calls::v1::HANGUP_SOURCE_SYSTEM);
  return absl::OkStatus();
}

// --- questions -----------------------------------------------------------------------------------------------------

absl::StatusOr<CallPtr> Exchange::Find(const Account& account, std::string_view external_call_id) const {
  const auto state = accounts_.find(account.id);
  if (state != accounts_.end()) {
    for (const CallPtr& call : state->second.calls) {
      if (call->external_call_id == external_call_id) return call;
    }
  }
  return NoSuch("call");
}

absl::StatusOr<ProviderCall> Exchange::Fetch(const Account& account, std::string_view external_call_id) const {
  const std::lock_guard lock(mutex_);
  const absl::StatusOr<CallPtr> call = Find(account, external_call_id);
  if (!call.ok()) return call.status();
  return Describe(**call, timer_.Now());
}

std::vector<ProviderCall> Exchange::List(const Account& account, const CallFilter& filter) const {
  const std::lock_guard lock(mutex_);
  std::vector<ProviderCall> found;
  const auto state = accounts_.find(account.id);
  if (state == accounts_.end()) return found;
  for (const CallPtr& call : state->second.calls) {
    if (!filter.from.empty() && call->from != filter.from) continue;
    if (!filter.to.empty() && call->to != filter.to) continue;
    if (call->created_at < filter.created_since || call->created_at >= filter.created_before) continue;
    found.push_back(Describe(*call, timer_.Now()));
  }
  return found;
}

// --- news ----------------------------------------------------------------------------------------------------------

std::vector<ProviderCall> Exchange::Listen(const Account& account, std::shared_ptr<NewsQueue> queue) {
  const std::lock_guard lock(mutex_);
  AccountState& state = accounts_[account.id];
  state.listeners.push_back(std::move(queue));
  std::vector<ProviderCall> live;
  for (const CallPtr& call : state.calls) {
    if (!call->ended_at.has_value()) live.push_back(Describe(*call, timer_.Now()));
  }
  return live;
}

void Exchange::StopListening(const NewsQueue* queue) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, state] : accounts_) {
    std::erase_if(state.listeners, [queue](const auto& listener) { return listener.get() == queue; });
  }
}

void Exchange::Move(const CallPtr& call, calls::v1::CallStatus status, events::v1::CallEventType type) {
  call->status = status;
  Tell(call, type, [status](events::v1::CallEvent& event) { event.set_status(status); });
}

void Exchange::Tell(const CallPtr& call, events::v1::CallEventType type, const Fill& fill) {
  events::v1::CallEvent event;
  event.set_call_id(call->call_id);
  event.set_type(type);
  event.set_sequence(++call->sequence);
  *event.mutable_occurred_at() = telephony::ToProto(timer_.Now());
  event.mutable_details()->set_external_call_id(call->external_call_id);
  event.mutable_details()->set_direction(call->direction);
  event.mutable_details()->set_from(call->from);
  event.mutable_details()->set_to(call->to);
  if (fill) fill(event);

  webhooks::v1::RawWebhook message;
  message.set_provider(std::string(kProviderName));
  message.set_provider_account_id(call->account->id);
  message.set_event("news");
  message.set_call_id(call->call_id);
  message.mutable_link()->set_content_type("application/json");
  const auto written = google::protobuf::util::MessageToJsonString(event, message.mutable_link()->mutable_body());
  // Only text that is no UTF-8 cannot be written, and E.164 and our own ids hold none.
  if (!written.ok()) return;
  for (const auto& listener : accounts_[call->account->id].listeners) listener->Push(message);
}

// --- time ----------------------------------------------------------------------------------------------------------

void Exchange::Later(const CallPtr& call, absl::Duration simulated, Task task) {
  if (simulated == absl::InfiniteDuration()) return;
  timer_.After(simulated * call->time_scale, [this, call, moved = std::move(task)] {
    const std::lock_guard lock(mutex_);
    if (!call->ended_at.has_value()) moved(call);
  });
}

void Exchange::InstructionsLater(const CallPtr& call, absl::Duration simulated, Task task) {
  Later(call, simulated, [instructions = call->instructions, moved = std::move(task)](const CallPtr& later) {
    if (later->instructions == instructions) moved(later);
  });
}

}  // namespace trunkline::providers::mock
