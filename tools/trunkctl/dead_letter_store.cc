#include "tools/trunkctl/dead_letter_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/kafka/cloud_event.h"
#include "libs/kafka/topic_reader.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::trunkctl {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

std::optional<StoredDeadLetter> Parse(const kafka::Message& message) {
  StoredDeadLetter dead;
  if (!dead.letter.ParseFromArray(message.value().data(), static_cast<int>(message.value().size()))) {
    return std::nullopt;
  }
  dead.id = Concat(dead.letter.topic(), "/", dead.letter.partition(), "/", dead.letter.offset());
  dead.key = std::string(message.key());
  webhooks::v1::RawWebhook webhook;
  if (webhook.ParseFromString(dead.letter.raw()) && !webhook.webhook_id().empty()) dead.webhook = std::move(webhook);
  return dead;
}

bool IsChosen(const StoredDeadLetter& dead, const DeadLetterFilter& filter) {
  const absl::Time failed = telephony::FromProto(dead.letter.failed_at());
  return (filter.ids.empty() || std::find(filter.ids.begin(), filter.ids.end(), dead.id) != filter.ids.end()) &&
         (filter.reason.empty() || filter.reason == dead.letter.reason()) &&
         (filter.account.empty() ||
          (dead.webhook.has_value() && filter.account == dead.webhook->provider_account_id())) &&
         failed >= filter.since && failed < filter.before;
}

}  // namespace

absl::StatusOr<std::vector<StoredDeadLetter>> ReadDeadLetters(const std::string& bootstrap, const std::string& topic,
                                                              const DeadLetterFilter& filter) {
  std::map<std::string, StoredDeadLetter> by_id;
  TL_RETURN_IF_ERROR(kafka::ReadTopic(bootstrap, topic, kPatience, [&](const kafka::Message& message) {
    std::optional<StoredDeadLetter> dead = Parse(message);
    if (dead.has_value() && IsChosen(*dead, filter)) by_id.insert_or_assign(dead->id, *std::move(dead));
  }));
  for (const std::string& id : filter.ids) {
    if (!by_id.contains(id)) {
      return absl::NotFoundError(ToAbsl(Concat("no dead letter ", id, " that meets the other conditions")));
    }
  }
  std::vector<StoredDeadLetter> chosen;
  chosen.reserve(by_id.size());
  for (auto& [id, dead] : by_id) chosen.push_back(std::move(dead));
  std::stable_sort(chosen.begin(), chosen.end(), [](const StoredDeadLetter& a, const StoredDeadLetter& b) {
    return telephony::FromProto(a.letter.failed_at()) < telephony::FromProto(b.letter.failed_at());
  });
  return chosen;
}

kafka::OutgoingMessage ReplayOf(const StoredDeadLetter& dead, const std::string& topic) {
  kafka::OutgoingMessage message{.topic = topic, .key = dead.key, .value = dead.letter.raw(), .headers = {}};
  if (dead.webhook.has_value()) {
    const webhooks::v1::RawWebhook& webhook = *dead.webhook;
    message.headers = kafka::ToHeaders(
        {.id = webhook.webhook_id(),
         .type = webhook.has_fact() ? "trunkline.call.fact" : Concat("trunkline.webhook.", webhook.event()),
         .source = webhook.has_fact() ? "/trunkline/gateway" : "/trunkline/webhook-ingest",
         .subject = webhook.call_id(),
         .time = telephony::FromProto(webhook.received_at()),
         .data_schema = "trunkline.webhooks.v1.RawWebhook",
         .business_id = webhook.business_id(),
         .traceparent = webhook.traceparent()});
  }
  message.headers.emplace_back("attempt", Concat(dead.letter.attempt() + 1));
  return message;
}

}  // namespace trunkline::trunkctl
