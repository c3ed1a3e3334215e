#include "tools/provider-twin/tracking/tracking_twin.h"

#include <algorithm>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/tracking/control.h"
#include "tools/provider-twin/tracking/draws.h"
#include "tools/provider-twin/tracking/generator.h"

namespace trunkline::twin::tracking {
namespace {

constexpr const char* kHttpDate = "%a, %d %b %Y %H:%M:%S GMT";

}  // namespace

TrackingTwin::TrackingTwin(World& world, WebhookTransport& transport, std::unique_ptr<Platform> platform)
    : world_(world),
      platform_(std::move(platform)),
      sender_(world, transport),
      life_(world, platform_->ShowsDeleted(),
            [this](Account& account, uint32_t call, Event event) { Tell(account, call, event); }),
      log_(world.log_capacity),
      control_(std::make_unique<tracking::Control>(tracking::Control::Parts{
          .world = world_,
          .platform = *platform_,
          .accounts = accounts_,
          .first_account = first_account_,
          .life = life_,
          .sender = sender_,
          .log = log_,
          .add_account = [this](std::string_view description) { return AddAccount(description); }})) {}

TrackingTwin::~TrackingTwin() = default;

absl::Status TrackingTwin::AddAccount(std::string_view description) {
  auto account = platform_->ParseAccount(description);
  if (!account.ok()) return account.status();
  (*account)->windows.SetLimits(platform_->UsualLimits());
  const std::string id = (*account)->id;
  if (first_account_.empty()) first_account_ = id;
  // What is planned points to accounts: one that is there gets new secrets and keeps its calls.
  const auto there = accounts_.find(id);
  if (there == accounts_.end()) {
    accounts_.emplace(id, *std::move(account));
  } else {
    there->second->credentials = std::move((*account)->credentials);
  }
  return absl::OkStatus();
}

bool TrackingTwin::OwnsPath(std::string_view path) const {
  const std::string_view base = platform_->base_path();
  return path.starts_with(base) && (path.size() == base.size() || path[base.size()] == '/');
}

void TrackingTwin::Serve(const http::Request& request, http::Responder respond) {
  Send(world_, Answer(request), std::move(respond));
}

RestReply TrackingTwin::Answer(const http::Request& request) {
  Ask ask{.http = request,
          .method = request.method,
          .path = request.Path().substr(platform_->base_path().size()),
          .query = ParseForm(request.Query()),
          .body = ParseJson(request.body)};
  if (ask.body.is_discarded()) ask.body = nullptr;
  RestReply reply = Answer(ask);
  log_.Add({.time = world_.scheduler.Now(),
            .method = request.method,
            .path = std::string(ask.path),
            .params = ask.query,
            .status = reply.lost ? 0 : reply.response.status,
            .call_id = ""});
  return reply;
}

RestReply TrackingTwin::Answer(const Ask& ask) {
  Account* account = platform_->Authenticate(accounts_, ask);
  // Prepared answers are for whoever asks next.
  Account* prepared = account != nullptr || accounts_.empty() ? account : accounts_.find(first_account_)->second.get();
  if (prepared != nullptr && !prepared->prepared.empty()) {
    RestReply reply = std::move(prepared->prepared.front());
    prepared->prepared.pop_front();
    return reply;
  }
  if (account == nullptr) return {.response = platform_->Unauthorized(ask)};
  const std::string_view resource = platform_->ResourceOf(ask);
  RestReply reply;
  if (const auto exceeded = account->windows.Ask(resource, world_.scheduler.Now())) {
    reply.response = platform_->RateLimited(*account, *exceeded);
  } else if (auto trouble = TroubleBefore(*account, ask)) {
    reply = *std::move(trouble);
  } else {
    PageRead page;
    reply.response = platform_->Handle(*account, life_, ask, &page);
    TroubleAfter(*account, &reply);
    MoveList(*account, page);
  }
  if (account->behaviour.clock_ahead_seconds != 0) {
    reply.response.headers.emplace_back(
        "Date", absl::FormatTime(kHttpDate, absl::FromUnixMillis(life_.NowMs(*account)), absl::UTCTimeZone()));
  }
  return reply;
}

std::optional<RestReply> TrackingTwin::TroubleBefore(Account& account, const Ask& ask) {
  const Behaviour& behaviour = account.behaviour;
  Chance& chance = world_.chance;
  const auto with_retry_after = [&](http::Response response) {
    if (behaviour.retry_after_seconds > 0) {
      response.headers.emplace_back("Retry-After", Concat(static_cast<int64_t>(behaviour.retry_after_seconds)));
    }
    return RestReply{.response = std::move(response)};
  };
  if (chance.Happens(behaviour.rate_limited)) {
    return with_retry_after(
        platform_->RateLimited(account, {.limit = {std::string(platform_->ResourceOf(ask)), "minute", 1}, .count = 2}));
  }
  if (chance.Happens(behaviour.server_error)) return RestReply{.response = platform_->ServerError(500)};
  if (chance.Happens(behaviour.unavailable)) return with_retry_after(platform_->ServerError(503));
  if (!platform_->IsCallList(ask)) return std::nullopt;
  if (chance.Happens(behaviour.empty)) return RestReply{.response = platform_->EmptyList(ask)};
  if (chance.Happens(behaviour.partial)) {
    auto partial = platform_->PartialList(account, ask);
    if (partial.has_value()) return RestReply{.response = *std::move(partial)};
  }
  return std::nullopt;
}

void TrackingTwin::TroubleAfter(const Account& account, RestReply* reply) {
  const Behaviour& behaviour = account.behaviour;
  if (world_.chance.Happens(behaviour.time_out)) reply->delay = absl::Milliseconds(world_.settings.slow_reply_ms);
  if (world_.chance.Happens(behaviour.lost)) reply->lost = true;
  if (world_.chance.Happens(behaviour.truncated)) reply->response.body.resize(reply->response.body.size() / 2);
}

void TrackingTwin::MoveList(Account& account, const PageRead& page) {
  const Behaviour& behaviour = account.behaviour;
  if (!page.has_more) return;
  const auto moved = static_cast<size_t>(behaviour.moved_calls);
  if (world_.chance.Happens(behaviour.grow)) {
    const int64_t now = life_.NowMs(account);
    const CallWish wish{.count = 1,
                        .from_ms = now,
                        .to_ms = now,
                        .seed = SeedOf(world_.settings.seed, account.book.size()),
                        .least_talk_seconds = 1,
                        .most_talk_seconds = 5};
    life_.Begin(account, MakeCall(wish, 0, account.catalogue), Telling::kNews);
  }
  if (world_.chance.Happens(behaviour.touch)) {
    for (size_t i = 0; i < moved && account.book.size() > 0; ++i) {
      const double place = world_.chance.Fraction() * static_cast<double>(account.book.size());
      life_.Change(account, static_cast<uint32_t>(place), ChangeKind::kTags, /*tells=*/true);
    }
  }
  if (world_.chance.Happens(behaviour.shrink)) {
    for (size_t i = 0; i < std::min(moved, page.calls.size()); ++i) account.book.Hide(page.calls[i]);
  }
}

void TrackingTwin::Tell(Account& account, uint32_t call, Event event) {
  const int64_t now = life_.NowMs(account);
  for (auto& [hook, webhook] : platform_->Webhooks(account, call, event)) {
    std::vector<Delivery>& deliveries = account.book.ExtrasOf(call).deliveries;
    const size_t index = deliveries.size();
    deliveries.push_back({.hook = hook, .sent_ms = now});
    sender_.Send(std::move(webhook), [&account, call, index](const absl::StatusOr<http::Response>& response) {
      std::vector<Delivery>& sent = account.book.ExtrasOf(call).deliveries;
      if (index < sent.size() && response.ok()) sent[index].code = static_cast<uint16_t>(response->status);
    });
  }
}

http::Response TrackingTwin::Control(std::string_view path, const http::Request& request) {
  return control_->Handle(path, request);
}

void TrackingTwin::Reset() {
  life_.Reset();
  sender_.Reset();
  log_.Clear();
  for (auto& [id, account] : accounts_) {
    account->book.Clear();
    account->hooks.clear();
    account->windows.Clear();
    account->prepared.clear();
  }
}

}  // namespace trunkline::twin::tracking
