#include "services/gateway/dialing/bot_warmer.h"

#include <algorithm>
#include <optional>

#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using calls::v1::WarmUpResult;
using control::v1::BotWarmUp;

constexpr size_t kMostAnswerBytes = 64 * 1024;
constexpr absl::Duration kRetryAfterCrowd = absl::Seconds(5);

absl::Status Failed(std::string_view why) {
  return Error(absl::StatusCode::kUnavailable, Reason::REASON_WARM_UP_FAILED,
               Concat("the bot could not be made ready: ", why, "; nothing was dialled"));
}

}  // namespace

BotWarmer::BotWarmer(Options options, Post post, GatewayMetrics& metrics, const Clock& clock)
    : options_(std::move(options)), post_(std::move(post)), metrics_(metrics), clock_(clock) {}

std::optional<BotWarmUp> BotWarmer::BotOf(const BotWarmUp* named, bool of_campaign) const {
  if (named == nullptr && (!of_campaign || options_.campaign_url.empty())) return std::nullopt;
  BotWarmUp bot = named == nullptr ? BotWarmUp() : *named;
  if (bot.url().empty()) bot.set_url(options_.campaign_url);
  if (!bot.has_timeout()) *bot.mutable_timeout() = telephony::ToProto(options_.timeout);
  if (!bot.has_retries()) bot.set_retries(options_.retries);
  return bot;
}

absl::StatusOr<WarmUpResult> BotWarmer::MakeReady(const BotWarmUp& bot, const WarmUpSubject& subject) {
  const Key key{subject.business_id, bot.url()};
  const absl::Time begun_at = clock_.Now();
  WarmUpResult result;
  std::unique_lock lock(mutex_);
  ForgetOld(begun_at);
  if (ready_until_.contains(key)) {
    *result.mutable_took() = telephony::ToProto(absl::ZeroDuration());
    return result;
  }
  if (waiting_ >= options_.most_waiting) {
    return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                                "too many calls wait for bots to be ready; nothing was dialled"),
                          kRetryAfterCrowd);
  }
  ++waiting_;
  std::shared_ptr<Flight>& flying = flights_[key];
  const bool first = flying == nullptr;
  if (first) flying = std::make_shared<Flight>();
  const std::shared_ptr<Flight> flight = flying;
  int tries = 0;
  if (first) {
    lock.unlock();
    const absl::Status outcome = Ask(bot, subject, &tries);
    lock.lock();
    flight->done = true;
    flight->outcome = outcome;
    flights_.erase(key);
    const absl::Duration stays = telephony::FromProto(bot.stays_ready());
    if (outcome.ok() && stays > absl::ZeroDuration()) ready_until_[key] = clock_.Now() + stays;
    changed_.notify_all();
  } else {
    changed_.wait(lock, [&] { return flight->done; });
  }
  --waiting_;
  absl::Status outcome = flight->outcome;
  lock.unlock();

  const absl::Duration took = clock_.Now() - begun_at;
  if (first) metrics_.ObserveWarmUp(outcome.ok(), took);
  if (!outcome.ok()) return outcome;
  *result.mutable_took() = telephony::ToProto(took);
  result.set_tries(tries);
  return result;
}

absl::Status BotWarmer::Ask(const BotWarmUp& bot, const WarmUpSubject& subject, int* tries) {
  absl::Duration pause = options_.first_pause;
  while (true) {
    ++*tries;
    absl::Status asked = AskOnce(bot, subject);
    if (asked.ok()) return asked;
    LogWarning("a bot could not be made ready", {{"business_id", subject.business_id},
                                                 {"campaign_id", subject.campaign_id},
                                                 {"try", *tries},
                                                 {"error", asked}});
    if (*tries > bot.retries()) return Failed(Concat(*tries, " tries failed, the last: ", ToStd(asked.message())));
    if (!Pause(pause)) return Failed("the gateway stops");
    pause = std::min(2 * pause, options_.longest_pause);
  }
}

absl::Status BotWarmer::AskOnce(const BotWarmUp& bot, const WarmUpSubject& subject) {
  const nlohmann::json body = {{"businessId", subject.business_id},
                               {"callId", subject.call_id},
                               {"campaignId", subject.campaign_id},
                               {"attemptId", subject.attempt_id}};
  const absl::StatusOr<http::Response> answer = post_({.method = "POST",
                                                       .url = bot.url(),
                                                       .headers = {{"content-type", "application/json"}},
                                                       .body = WriteJson(body),
                                                       .timeout = telephony::FromProto(bot.timeout())});
  if (!answer.ok()) return answer.status();
  if (answer->status >= 200 && answer->status < 300) return absl::OkStatus();
  return absl::UnavailableError(Concat("it answered with HTTP status ", answer->status));
}

bool BotWarmer::IsReady(const BotWarmUp& bot, const std::string& business_id) {
  const std::lock_guard lock(mutex_);
  ForgetOld(clock_.Now());
  return ready_until_.contains({business_id, bot.url()});
}

size_t BotWarmer::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

bool BotWarmer::Pause(absl::Duration time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, absl::ToChronoNanoseconds(time), [this] { return closed_; });
}

void BotWarmer::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void BotWarmer::ForgetOld(absl::Time now) {
  std::erase_if(ready_until_, [now](const auto& entry) { return entry.second <= now; });
}

http::ClientOptions BotClientOptions(bool private_addresses) {
  http::ClientOptions options{.max_body_bytes = kMostAnswerBytes};
  if (!private_addresses) options.may_connect = IsPublicAddress;
  return options;
}

}  // namespace trunkline::gateway
