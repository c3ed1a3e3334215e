// A call-tracking platform in the test's memory: what it holds is the truth, and it fails when it is told to.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/text.h"
#include "libs/tracking/call_mapper.h"
#include "libs/tracking/tracking_error.h"
#include "libs/tracking/tracking_platform.h"
#include "libs/tracking/webhook_modes.h"
#include "libs/tracking/webhook_url.h"

namespace trunkline::tracking_sync {

inline constexpr char kMemoryPlatform[] = "memory";

// "started" and "ended", with the account's token.
inline std::vector<tracking::WebhookEntry> MemoryWebhooksOf(const tracking::Account& account) {
  std::vector<tracking::WebhookEntry> entries;
  for (const char* event : {"started", "ended"}) {
    const tracking::WebhookUrl url{.platform = kMemoryPlatform,
                                   .account_id = account.id,
                                   .event = event,
                                   .token = account.Credential(tracking::kWebhookToken)};
    entries.push_back({.event = event, .label = event, .url = url.Render("https://calls.example"), .external_id = {}});
  }
  return entries;
}

// Of one account. Lists by the beginning, a second more on either side, some calls to a page.
class MemoryClient final : public tracking::PlatformClient {
 public:
  explicit MemoryClient(const Clock& clock) : PlatformClient(kMemoryPlatform), clock_(clock) {}

  // The truth.
  std::map<std::string, tracking::TrackedCall> calls;
  // What lists tell instead, where that is older.
  std::map<std::string, tracking::TrackedCall> listed_instead;
  std::map<std::string, std::string> bodies;  // "{}" for others
  std::vector<tracking::BadCall> bad;         // on every first page
  std::map<std::string, tracking::TrackingNumber> numbers;
  std::set<std::string> unlisted;  // that lists do not tell
  std::set<std::string> adjusted;  // whose money changed late
  std::map<std::string, std::vector<tracking::WebhookDelivery>> deliveries;
  bool lists_tags = true;
  absl::Duration clock_offset;       // the platform's clock minus the test's
  std::function<void()> on_request;  // called before each request is answered
  int page_size = 100;
  bool counts = true;  // tells the total
  // What the next requests fail with, in turn; OK: that one does not.
  std::deque<absl::Status> failures;
  std::deque<absl::Status> provision_failures;
  bool buys_in_spite = false;  // what fails with provision_failures is bought all the same
  // What was asked.
  int lists = 0;
  int batches = 0;
  int evidence_asked = 0;
  int provisions = 0;
  std::vector<std::string> fetched;
  std::vector<std::string> released;
  std::vector<std::pair<std::string, tracking::CallUpdate>> updates;
  // Webhooks: which events it takes over its API, and what stands there. None: it takes none.
  std::set<std::string> webhook_events;
  std::vector<tracking::WebhookEntry> webhooks;
  int webhooks_made = 0;
  bool makes_in_spite = false;  // what fails is made all the same

  absl::StatusOr<tracking::Answer<std::vector<tracking::AccountProblem>>> CheckAccount(
      const tracking::Account&) override {
    Begin();
    return tracking::Answer<std::vector<tracking::AccountProblem>>{.value = {}, .receipt = MakeReceipt()};
  }

  absl::StatusOr<tracking::Answer<tracking::PlatformCall>> FetchCall(const tracking::Account&,
                                                                     std::string_view external_id) override {
    Begin();
    fetched.emplace_back(external_id);
    if (const absl::Status failure = NextOf(failures); !failure.ok()) return failure;
    const auto found = calls.find(std::string(external_id));
    if (found == calls.end()) return Failure(tracking::v1::TRACKING_ERROR_CODE_NOT_FOUND);
    return tracking::Answer<tracking::PlatformCall>{.value = Told(found->second), .receipt = MakeReceipt()};
  }

  absl::StatusOr<tracking::CallPage> FetchCalls(const tracking::Account&,
                                                const std::vector<std::string>& external_ids) override {
    Begin();
    ++batches;
    if (const absl::Status failure = NextOf(failures); !failure.ok()) return failure;
    tracking::CallPage page;
    page.receipt = MakeReceipt();
    for (const std::string& id : external_ids) {
      fetched.push_back(id);
      if (const auto found = calls.find(id); found != calls.end()) page.items.push_back(Told(found->second));
    }
    return page;
  }

  absl::StatusOr<tracking::Answer<std::vector<tracking::WebhookDelivery>>> ListDeliveries(
      const tracking::Account&, std::string_view external_id) override {
    ++evidence_asked;
    if (const absl::Status failure = NextOf(failures); !failure.ok()) return failure;
    const auto found = deliveries.find(std::string(external_id));
    if (found == deliveries.end()) return tracking::Answer<std::vector<tracking::WebhookDelivery>>();
    return tracking::Answer<std::vector<tracking::WebhookDelivery>>{.value = found->second, .receipt = {}};
  }

  absl::StatusOr<tracking::CallPage> ListCalls(const tracking::Account&, const tracking::CallQuery& query,
                                               const std::optional<tracking::Position>& position) override {
    Begin();
    ++lists;
    if (const absl::Status failure = NextOf(failures); !failure.ok()) return failure;
    std::vector<tracking::TrackedCall> all;
    for (const auto& [id, call] : calls) {
      const auto older = listed_instead.find(id);
      const tracking::TrackedCall& listed = older == listed_instead.end() ? call : older->second;
      if (*listed.started_at < tracking::WidenedFrom(query) || *listed.started_at >= tracking::WidenedTo(query) ||
          unlisted.contains(id) || (query.only_adjusted && !adjusted.contains(id)))
        continue;
      all.push_back(listed);
      if (!lists_tags) all.back().tags = {};
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return *a.started_at < *b.started_at; });
    const size_t at = position.has_value() ? static_cast<size_t>(*ParseInt(position->value)) : 0;
    const size_t end = std::min(all.size(), at + static_cast<size_t>(page_size));
    tracking::CallPage page;
    page.receipt = MakeReceipt();
    for (size_t i = at; i < end; ++i) page.items.push_back(Told(all[i]));
    if (end < all.size()) page.next = tracking::Position{.kind = "offset", .value = Concat(end)};
    if (counts) page.total = static_cast<int64_t>(all.size());
    if (at == 0) page.bad = bad;
    return page;
  }

  absl::StatusOr<tracking::CallUpdateOutcome> UpdateCall(const tracking::Account&, std::string_view external_id,
                                                         const tracking::CallUpdate& update) override {
    if (const absl::Status failure = NextOf(failures); !failure.ok()) return failure;
    updates.emplace_back(std::string(external_id), update);
    tracking::TrackedCall& call = calls.at(std::string(external_id));
    if (update.revenue.has_value()) call.revenue = tracking::Told<int64_t>::Of(*update.revenue);
    return tracking::CallUpdateOutcome{.done = {"money"}, .failed = "", .status = absl::OkStatus(), .call = Told(call)};
  }

  absl::StatusOr<tracking::WebhookRegistration> RegisterWebhooks(const tracking::Account& account) override {
    if (webhook_events.empty()) return Lacks(tracking::v1::FEATURE_REGISTER_WEBHOOKS);
    const absl::Status failure = NextOf(failures);
    if (!failure.ok() && !makes_in_spite) return failure;
    tracking::WebhookRegistration registration{.entries = MemoryWebhooksOf(account)};
    for (tracking::WebhookEntry& entry : registration.entries) {
      registration.person_needed = registration.person_needed || !webhook_events.contains(entry.event);
      if (!webhook_events.contains(entry.event)) continue;
      for (const tracking::WebhookEntry& there : webhooks) {
        if (there.url == entry.url) entry.external_id = there.external_id;
      }
      if (!entry.external_id.empty()) continue;
      entry.external_id = Concat("W", ++webhooks_made);
      webhooks.push_back(entry);
    }
    if (!failure.ok()) return failure;
    return registration;
  }
  absl::StatusOr<tracking::WebhookRegistration> UnregisterWebhooks(
      const tracking::Account&, const tracking::WebhookRegistration& registration) override {
    if (webhook_events.empty()) return Lacks(tracking::v1::FEATURE_REGISTER_WEBHOOKS);
    if (const absl::Status failure = NextOf(failures); !failure.ok()) return failure;
    tracking::WebhookRegistration left;
    for (const tracking::WebhookEntry& entry : registration.entries) {
      if (entry.external_id.empty()) left.entries.push_back(entry);
      std::erase_if(webhooks, [&](const auto& there) { return there.external_id == entry.external_id; });
    }
    left.person_needed = !left.entries.empty();
    return left;
  }

  absl::StatusOr<tracking::Page<tracking::TrackingNumber>> ListNumbers(
      const tracking::Account&, const std::optional<tracking::Position>&) override {
    if (const absl::Status failure = NextOf(failures); !failure.ok()) return failure;
    tracking::Page<tracking::TrackingNumber> page;
    for (const auto& [number, listed] : numbers) page.items.push_back(listed);
    return page;
  }

  absl::StatusOr<tracking::Answer<tracking::ProvisionedNumber>> ProvisionNumber(
      const tracking::Account&, const tracking::NumberOrder& order) override {
    ++provisions;
    const absl::Status failure = NextOf(provision_failures);
    if (!failure.ok() && !buys_in_spite) return failure;
    tracking::TrackingNumber number = {.id = Concat("N", provisions),
                                       .number = Concat("+1888555", 1'000 + provisions),
                                       .country = order.country,
                                       .campaign_id = order.campaign_id,
                                       .publisher_id = order.publisher_id,
                                       .provisioned_at = clock_.Now()};
    numbers[number.number] = number;
    if (!failure.ok()) return failure;
    return tracking::Answer<tracking::ProvisionedNumber>{.value = {.number = number, .warnings = {}}};
  }

  absl::Status ReleaseNumber(const tracking::Account&, std::string_view number) override {
    if (const absl::Status failure = NextOf(failures); !failure.ok()) return failure;
    released.emplace_back(number);
    numbers.erase(std::string(number));
    return absl::OkStatus();
  }

  absl::StatusOr<tracking::Answer<tracking::Campaign>> FetchCampaign(const tracking::Account&,
                                                                     std::string_view) override {
    return Lacks(tracking::v1::FEATURE_CAMPAIGNS);
  }
  absl::StatusOr<tracking::Page<tracking::Campaign>> ListCampaigns(const tracking::Account&,
                                                                   const std::optional<tracking::Position>&) override {
    return Lacks(tracking::v1::FEATURE_CAMPAIGNS);
  }
  absl::StatusOr<tracking::Answer<tracking::CallReport>> FetchReport(const tracking::Account&, absl::Time,
                                                                     absl::Time) override {
    return Lacks(tracking::v1::FEATURE_CALL_REPORT);
  }

  static absl::Status Failure(tracking::v1::TrackingErrorCode code) {
    return tracking::StatusOf(tracking::MakeError(kMemoryPlatform, code, "as the test wants"));
  }

 private:
  void Begin() const {
    if (on_request) on_request();
  }
  tracking::Receipt MakeReceipt() const {
    const absl::Time now = clock_.Now();
    return {.sent_at = now, .answered_at = now, .server_time = now + clock_offset, .requests = 1};
  }

  static absl::Status NextOf(std::deque<absl::Status>& failures) {
    if (failures.empty()) return absl::OkStatus();
    absl::Status failure = failures.front();
    failures.pop_front();
    return failure;
  }

  tracking::PlatformCall Told(const tracking::TrackedCall& call) const {
    const auto body = bodies.find(call.external_id);
    return {.body = body == bodies.end() ? "{}" : body->second, .call = call, .requested_at = clock_.Now()};
  }

  const Clock& clock_;
};

class MemoryPlatform final : public tracking::TrackingPlatform {
 public:
  explicit MemoryPlatform(const Clock& clock) : client_(clock) {}

  std::set<tracking::v1::Feature> features = {tracking::v1::FEATURE_FETCH_CALL, tracking::v1::FEATURE_LIST_CALLS,
                                              tracking::v1::FEATURE_TOTAL_COUNT};
  tracking::SyncDefaults defaults;

  std::string_view Name() const override { return kMemoryPlatform; }
  const tracking::TrackingReceiver& Receiver() const override { return receiver_; }
  const providers::WebhookMapper& Mapper() const override { return mapper_; }
  MemoryClient& Client() const override { return client_; }
  std::set<tracking::v1::Feature> Features(const tracking::Account&) const override { return features; }
  tracking::SyncDefaults Defaults() const override { return defaults; }
  tracking::RequestLimits Limits(tracking::Resource) const override { return {}; }
  // "wrong" in a body is all that it knows.
  std::vector<std::string> Contradictions(std::string_view body) const override {
    if (body.find("wrong") == std::string_view::npos) return {};
    return {"something is wrong"};
  }
  std::vector<tracking::AccountProblem> CheckForm(const tracking::Account&) const override { return {}; }
  std::vector<tracking::WebhookEntry> UrlsToEnter(const tracking::Account& account) const override {
    return MemoryWebhooksOf(account);
  }

 private:
  tracking::TrackingReceiver receiver_{kMemoryPlatform, {}};
  tracking::CallMapper mapper_{tracking::PlatformReading{.platform = kMemoryPlatform, .words = {}}};
  mutable MemoryClient client_;
};

}  // namespace trunkline::tracking_sync
