#include "tools/provider-twin/trackdrive/wire_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/tracking/generator.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::trackdrive {
namespace {

using tracking::Account;
using tracking::Call;
using tracking::Ending;
using tracking::ObjectText;
using tracking::Quoted;
using tracking::Stage;
using tracking::TwoDecimals;

constexpr int64_t kFirstId = 420'000'000;
constexpr int64_t kFirstNumberId = 7'715'520;
constexpr int kZoneSeconds = -5 * 3600;
constexpr int64_t kUsualPage = 25;
constexpr int64_t kLargestPage = 250;

std::string TimeIf(bool known, int64_t ms) { return known ? Quoted(LocalTime(ms)) : "null"; }
std::string TextOrNull(std::string_view text) { return text.empty() ? "null" : Quoted(text); }
// Durations that are not known are blank.
std::string SecondsIf(bool known, int64_t seconds) { return known ? Concat(seconds) : Quoted(""); }

// Texts mostly, numbers in some.
std::string Money(const Call& call, int64_t amount) {
  if (!MoneyIsKnown(call)) return Quoted("");
  return call.seed % 4 == 0 ? tracking::Shortest(amount) : Quoted(TwoDecimals(amount));
}

// A label mostly, a boolean in some.
std::string Converted(const Call& call) {
  if (call.seed % 6 == 0) return call.HasConverted() ? "true" : "false";
  return call.HasConverted() ? Quoted("Converted") : "null";
}

std::string TokensText(const Account& account, uint32_t number) {
  ObjectText tokens;
  for (const auto& [name, value] : TagsOf(account, number)) {
    if (name != "sub_id") tokens.Text(name, value);
  }
  const std::string object = tokens.Take();
  // Some come as a text that was rendered.
  return account.book.At(number).seed % 7 == 0 ? Quoted(object) : object;
}

using Fields = std::vector<std::pair<std::string_view, std::string>>;

void AddAttribution(const Account& account, const Call& call, Fields* fields) {
  const tracking::Campaign& campaign = account.catalogue.campaigns[call.campaign];
  const tracking::Publisher& publisher = account.catalogue.publishers[call.publisher];
  const tracking::Target& target = account.catalogue.targets[call.target];
  const bool connected = call.IsConnected();
  fields->insert(fields->end(), {{"offer", Quoted(campaign.name)},
                                 {"user_offer_id", Quoted(campaign.key)},
                                 {"offer_id", campaign.id},
                                 {"traffic_source", Quoted(publisher.name)},
                                 {"user_traffic_source_id", publisher.key},
                                 {"traffic_source_id", publisher.id},
                                 {"buyer", connected ? Quoted(target.buyer_name) : "null"},
                                 {"buyer_id", connected ? target.buyer_id : "null"},
                                 {"connected_to", connected ? Quoted(target.number) : "null"}});
}

void AddDurations(const Call& call, Fields* fields) {
  const bool ended = call.HasEnded();
  const bool talked = ended && call.ending == Ending::kTalked;
  fields->insert(fields->end(), {{"total_duration", SecondsIf(ended, call.WaitSeconds() + call.talk_seconds)},
                                 {"hold_duration", SecondsIf(ended, call.ring_seconds)},
                                 {"ivr_duration", SecondsIf(ended, call.menu_seconds)},
                                 {"attempted_duration", SecondsIf(ended, call.talk_seconds)},
                                 {"answered_duration", SecondsIf(talked, call.talk_seconds)},
                                 {"agent_duration", Quoted("")}});
}

void AddMoney(const Call& call, Fields* fields) {
  const int64_t platform_cost = call.HasEnded() ? call.cost / 3 : 0;
  const int64_t carrier_cost = call.HasEnded() ? call.cost - platform_cost : 0;
  fields->insert(fields->end(), {{"revenue", Money(call, call.revenue)},
                                 {"buyer_revenue", Money(call, call.revenue)},
                                 {"payout", Money(call, call.payout)},
                                 {"traffic_source_payout", Money(call, call.payout)},
                                 {"trackdrive_cost", Quoted(TwoDecimals(platform_cost))},
                                 {"provider_cost", Quoted(TwoDecimals(carrier_cost))},
                                 {"buyer_converted", Converted(call)},
                                 {"traffic_source_converted", Converted(call)},
                                 {"traffic_source_repeat_caller", call.seed % 11 == 0 ? Quoted("Repeat") : "null"}});
}

}  // namespace

std::string LocalTime(int64_t unix_ms) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3S%Ez", absl::FromUnixMillis(unix_ms), absl::FixedTimeZone(kZoneSeconds));
}

int64_t NumericIdOf(uint32_t call) { return kFirstId + call; }

std::optional<uint32_t> FindCall(const tracking::CallBook& book, std::string_view id) {
  const auto numeric = ParseInt(id);
  if (!numeric) return book.Find(id);
  const int64_t number = *numeric - kFirstId;
  if (number < 0 || number >= static_cast<int64_t>(book.size())) return std::nullopt;
  return book.Find(book.IdOf(static_cast<uint32_t>(number)));
}

bool MoneyIsKnown(const Call& call) { return call.IsSettled() && call.ending == Ending::kTalked; }

StatusWord StatusOf(const Call& call) {
  if (!call.HasEnded()) {
    if (call.IsConnected()) return {"established", "answered"};
    return call.HasTarget() ? StatusWord{"calling-leads", "ringing"} : StatusWord{"initiated", "initiated"};
  }
  static constexpr std::array<StatusWord, 4> kGaveUp = {{{"caller-hung-up-while-ringing-buyer", "abandoned"},
                                                         {"caller-hung-up", "abandoned"},
                                                         {"ivr-hung-up", "abandoned"},
                                                         {"hold-queue-hung-up", "abandoned"}}};
  static constexpr std::array<StatusWord, 2> kNoAnswer = {
      {{"no-answer", "no_answer"}, {"no-answer-convert-on-attempt", "no_answer"}}};
  static constexpr std::array<StatusWord, 3> kVoicemail = {
      {{"voicemail", "missed"}, {"left-voicemail", "missed"}, {"voicemail-detected", "missed"}}};
  static constexpr std::array<StatusWord, 5> kBlocked = {{{"blocked", "failed"},
                                                          {"rejected", "failed"},
                                                          {"failed", "failed"},
                                                          {"invalid-number", "failed"},
                                                          {"rejected-caller-concurrency-exceeded", "failed"}}};
  static constexpr std::array<StatusWord, 9> kNoTarget = {{{"no-buyer", "missed"},
                                                           {"no-buyer-all-filtered", "missed"},
                                                           {"not-open", "missed"},
                                                           {"ivr-no-keypress", "missed"},
                                                           {"hold-queue-no-buyer", "missed"},
                                                           {"hold-queue-waited-too-long", "missed"},
                                                           {"canceled", "canceled"},
                                                           {"cancelled", "canceled"},
                                                           {"opt-out", "canceled"}}};
  const auto pick = [&](const auto& words) { return words[call.seed / 64 % words.size()]; };
  switch (call.ending) {
    case Ending::kTalked:
      return {"finished", "completed"};
    case Ending::kCallerGaveUp:
      return pick(kGaveUp);
    case Ending::kNoAnswer:
      return pick(kNoAnswer);
    case Ending::kBusy:
      return {"busy", "busy"};
    case Ending::kVoicemail:
      return pick(kVoicemail);
    case Ending::kBlocked:
      return pick(kBlocked);
    case Ending::kNoTarget:
      return pick(kNoTarget);
  }
  return {"finished", "missed"};
}

std::map<std::string, std::string> TagsOf(const Account& account, uint32_t number) {
  const Call& call = account.book.At(number);
  const tracking::CallExtras* extras = account.book.FindExtras(number);
  std::map<std::string, std::string> tags;
  if (extras == nullptr || !extras->own_tags) tags["state"] = tracking::PlaceOf(call).state;
  if (*tracking::SourceOf(call) != '\0') tags["sub_id"] = tracking::SourceOf(call);
  if (extras == nullptr) return tags;
  for (const auto& [name, value] : extras->tags) tags[name] = value;
  return tags;
}

std::string CallText(const Account& account, uint32_t number, const std::vector<std::string_view>& columns) {
  const Call& call = account.book.At(number);
  const std::string id = account.book.IdOf(number);
  const tracking::CallExtras* extras = account.book.FindExtras(number);
  const std::string phone = call.caller == 0 ? "anonymous" : tracking::PhoneOf(call.caller);
  Fields fields = {{"id", Concat(NumericIdOf(number))},
                   {"legacy_id", "null"},
                   {"type", Quoted("Call")},
                   {"uuid", Quoted(id)},
                   {"created_at", TimeIf(true, call.started_ms)},
                   {"updated_at", TimeIf(true, call.changed_ms)},
                   {"deleted_at", TimeIf(call.deleted_ms != 0, call.deleted_ms)},
                   {"ended_at", TimeIf(call.HasEnded(), call.MsOf(Stage::kEnded))},
                   {"routes_show_path", Quoted(Concat("/calls/", NumericIdOf(number)))},
                   {"name", Quoted(phone)},
                   {"category", Quoted("inbound")},
                   {"number_called", Quoted(account.catalogue.numbers[call.number].number)},
                   {"number_id", Concat(kFirstNumberId + call.number)},
                   {"caller_number", Quoted(phone)},
                   {"caller_city", Quoted(tracking::PlaceOf(call).city)},
                   {"caller_country", Quoted("US")},
                   {"sub_id", TextOrNull(tracking::SourceOf(call))},
                   {"token_values", TokensText(account, number)},
                   {"status", Quoted(StatusOf(call).word)},
                   {"outgoing_webhooks_count", Concat(extras == nullptr ? 0 : extras->deliveries.size())},
                   {"provider", Quoted("Telnyx")},
                   {"hangup_cause", call.HasEnded() ? Quoted("NORMAL_CLEARING") : "null"}};
  AddAttribution(account, call, &fields);
  AddDurations(call, &fields);
  AddMoney(call, &fields);
  const bool recorded = call.HasRecording();
  fields.emplace_back(
      "recording_url",
      recorded ? Quoted(Concat("https://recordings.example.com/", id, ".mp3?token=", account.recording_key)) : "null");
  ObjectText object;
  for (const auto& [name, value] : fields) {
    if (columns.empty() || std::find(columns.begin(), columns.end(), name) != columns.end()) object.Raw(name, value);
  }
  return object.Take();
}

size_t PageSize(const tracking::Ask& ask) {
  return static_cast<size_t>(
      std::clamp<int64_t>(ParseInt(ask.Query("per_page")).value_or(kUsualPage), 1, kLargestPage));
}

http::Response Envelope(std::string_view root, std::string_view json, std::string_view metadata) {
  return http::JsonResponse(
      200, ObjectText().Number("status", 200).Raw("errors", "{}").Raw(root, json).Raw("metadata", metadata).Take());
}

http::Response Error(int status, std::string_view field, std::string_view text) {
  return http::JsonResponse(
      status, ObjectText().Number("status", status).Raw("errors", ObjectText().Text(field, text).Take()).Take());
}

}  // namespace trunkline::twin::trackdrive
