#include "tools/provider-twin/ringba/call_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>

#include "libs/base/text.h"
#include "tools/provider-twin/tracking/draws.h"
#include "tools/provider-twin/tracking/generator.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::ringba {
namespace {

using tracking::Account;
using tracking::Call;
using tracking::Ending;
using tracking::ObjectText;
using tracking::Quoted;
using tracking::Stage;

constexpr std::string_view kIdStart = "v2";
constexpr size_t kIdRandom = 50;
constexpr size_t kIdNumber = 8;  // hexadecimal
constexpr std::string_view kIdCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::string_view kTagPrefix = "tag:";

struct Row {
  const Account& account;
  uint32_t id;
  const Call& call;

  const tracking::Target& target() const { return account.catalogue.targets[call.target]; }
  const tracking::Campaign& campaign() const { return account.catalogue.campaigns[call.campaign]; }
  const tracking::Publisher& publisher() const { return account.catalogue.publishers[call.publisher]; }
  const tracking::Number& number() const { return account.catalogue.numbers[call.number]; }
};
using Value = std::optional<std::string>;

Value TextIf(bool present, std::string_view text) { return present ? Value(Quoted(text)) : std::nullopt; }
Value NumberIf(bool present, int64_t number) { return present ? Value(Concat(number)) : std::nullopt; }
Value Flag(bool value) { return value ? "true" : "false"; }
// A flag that is missing when it is not set.
Value FlagIf(bool value) { return value ? Value("true") : std::nullopt; }
Value Money(const Row& row, int64_t amount) { return tracking::Shortest(row.call.IsSettled() ? amount : 0); }

const char* EndSource(const Call& call) {
  switch (call.ending) {
    case Ending::kTalked:
      return call.seed % 3 == 0 ? "Caller" : "Target";
    case Ending::kCallerGaveUp:
      return "Caller";
    default:
      return "System";
  }
}

const char* ReasonOf(const Call& call) {
  switch (call.ending) {
    case Ending::kTalked:
      return "Call length";
    case Ending::kBusy:
      return "Target busy";
    case Ending::kNoAnswer:
      return "Not answered";
    case Ending::kNoTarget:
      return "No eligible targets";
    default:
      return "Not connected";
  }
}

struct Computed {
  Column column;
  std::function<Value(const Row&)> value;
};

const std::vector<Computed>& Table() {
  static const std::vector<Computed> kTable = {
      {{"inboundCallId", "keyword", true}, [](const Row& r) { return Quoted(r.account.book.IdOf(r.id)); }},
      {{"callDt", "date", false}, [](const Row& r) { return Concat(r.call.started_ms); }},
      {{"callConnectionDt", "date", false},
       [](const Row& r) { return NumberIf(r.call.IsConnected(), r.call.MsOf(Stage::kTalking)); }},
      {{"callCompletedDt", "date", false},
       [](const Row& r) { return NumberIf(r.call.HasEnded(), r.call.MsOf(Stage::kEnded)); }},
      {{"inboundPhoneNumber", "keyword", true},
       [](const Row& r) { return Quoted(r.call.caller == 0 ? "anonymous" : tracking::PhoneOf(r.call.caller)); }},
      {{"number", "keyword", true}, [](const Row& r) { return Quoted(r.number().number); }},
      {{"numberId", "keyword", true}, [](const Row& r) { return Quoted(r.number().id); }},
      {{"isFromNumberPool", "boolean", true}, [](const Row&) { return Flag(false); }},
      {{"numberPoolId", "keyword", true}, [](const Row&) { return Quoted(""); }},
      {{"numberPoolName", "keyword", true}, [](const Row&) { return Quoted(""); }},
      {{"campaignId", "keyword", true}, [](const Row& r) { return Quoted(r.campaign().id); }},
      {{"campaignName", "keyword", true}, [](const Row& r) { return Quoted(r.campaign().name); }},
      {{"publisherId", "keyword", true}, [](const Row& r) { return Quoted(r.publisher().id); }},
      {{"publisherName", "keyword", true}, [](const Row& r) { return Quoted(r.publisher().name); }},
      {{"publisherSubId", "keyword", true}, [](const Row& r) { return Quoted(tracking::SourceOf(r.call)); }},
      {{"targetId", "keyword", true}, [](const Row& r) { return TextIf(r.call.HasTarget(), r.target().id); }},
      {{"targetName", "keyword", true}, [](const Row& r) { return TextIf(r.call.HasTarget(), r.target().name); }},
      {{"targetNumber", "keyword", true}, [](const Row& r) { return TextIf(r.call.HasTarget(), r.target().number); }},
      {{"buyer", "keyword", true}, [](const Row& r) { return TextIf(r.call.HasTarget(), r.target().buyer_name); }},
      {{"buyerId", "keyword", true}, [](const Row& r) { return TextIf(r.call.HasTarget(), r.target().buyer_id); }},
      {{"timeToCallInSeconds", "timespan", true}, [](const Row&) { return "0"; }},
      {{"timeToConnectInSeconds", "timespan", false},
       [](const Row& r) { return NumberIf(r.call.IsConnected(), r.call.WaitSeconds()); }},
      {{"callLengthInSeconds", "timespan", true},
       [](const Row& r) { return NumberIf(r.call.HasEnded(), r.call.WaitSeconds() + r.call.talk_seconds); }},
      {{"connectedCallLengthInSeconds", "timespan", true},
       [](const Row& r) { return NumberIf(r.call.HasEnded(), r.call.talk_seconds); }},
      {{"endCallSource", "keyword", true}, [](const Row& r) { return TextIf(r.call.HasEnded(), EndSource(r.call)); }},
      {{"noPayoutReason", "keyword", true},
       [](const Row& r) { return TextIf(r.call.IsSettled() && !r.call.converts, ReasonOf(r.call)); }},
      {{"noConversionReason", "keyword", true},
       [](const Row& r) { return TextIf(r.call.HasEnded() && !r.call.HasConverted(), ReasonOf(r.call)); }},
      {{"blockReason", "keyword", true},
       [](const Row& r) { return TextIf(r.call.HasEnded() && r.call.ending == Ending::kBlocked, "Blocked number"); }},
      {{"incompleteCallReason", "keyword", true},
       [](const Row& r) {
         return TextIf(r.call.HasEnded() && r.call.ending != Ending::kTalked && r.call.ending != Ending::kBlocked,
                       ReasonOf(r.call));
       }},
      {{"hasConnected", "boolean", true}, [](const Row& r) { return Flag(r.call.IsConnected()); }},
      {{"hasPayout", "boolean", true}, [](const Row& r) { return Flag(r.call.HasConverted() && r.call.payout > 0); }},
      {{"hasConverted", "boolean", true}, [](const Row& r) { return Flag(r.call.HasConverted()); }},
      {{"hasRecording", "boolean", true}, [](const Row& r) { return Flag(r.call.HasRecording()); }},
      {{"hasVoiceMail", "boolean", true},
       [](const Row& r) { return FlagIf(r.call.HasEnded() && r.call.ending == Ending::kVoicemail); }},
      {{"hasAnnotations", "boolean", true},
       [](const Row& r) {
         const tracking::CallExtras* extras = r.account.book.FindExtras(r.id);
         return FlagIf(extras != nullptr && !extras->tags.empty());
       }},
      {{"hasPreviouslyConnected", "boolean", true}, [](const Row&) { return Flag(false); }},
      {{"isLive", "boolean", true}, [](const Row& r) { return Flag(!r.call.HasEnded()); }},
      {{"isIncomplete", "boolean", true},
       [](const Row& r) { return FlagIf(r.call.HasEnded() && r.call.ending == Ending::kNoTarget); }},
      {{"isDuplicate", "boolean", true}, [](const Row& r) { return FlagIf(r.call.seed % 11 == 0); }},
      {{"wasBlocked", "boolean", true},
       [](const Row& r) { return FlagIf(r.call.HasEnded() && r.call.ending == Ending::kBlocked); }},
      {{"wasConversionAdjusted", "boolean", true}, [](const Row& r) { return FlagIf(r.call.adjusted); }},
      {{"wasPayoutAdjusted", "boolean", true}, [](const Row& r) { return FlagIf(r.call.adjusted); }},
      {{"conversionAmount", "money", true}, [](const Row& r) { return Money(r, r.call.revenue); }},
      {{"payoutAmount", "money", true}, [](const Row& r) { return Money(r, r.call.payout); }},
      {{"profitGross", "money", true}, [](const Row& r) { return Money(r, r.call.revenue - r.call.payout); }},
      {{"profitNet", "money", true},
       [](const Row& r) { return Money(r, r.call.revenue - r.call.payout - r.call.cost); }},
      {{"totalCost", "money", true},
       [](const Row& r) { return tracking::Shortest(r.call.HasEnded() ? r.call.cost : 0); }},
      {{"telcoCost", "money", true},
       [](const Row& r) { return tracking::Shortest(r.call.HasEnded() ? r.call.cost : 0); }},
      {{"ivrDepth", "timespan", true}, [](const Row&) { return "0"; }},
      {{"recordingUrl", "keyword", false},
       [](const Row& r) {
         if (!r.call.HasRecording()) return Quoted("");
         return Quoted(Concat("https://media.ringba.com/recording-public?v=v1&k=", r.account.recording_key, "-",
                              r.account.book.IdOf(r.id)));
       }},
  };
  return kTable;
}

const Computed* FindComputed(std::string_view name) {
  static const std::map<std::string_view, const Computed*> kByName = [] {
    std::map<std::string_view, const Computed*> by_name;
    for (const Computed& computed : Table()) by_name[computed.column.name] = &computed;
    return by_name;
  }();
  const auto found = kByName.find(name);
  return found == kByName.end() ? nullptr : found->second;
}

// 7 digits after the point.
std::string EventTime(int64_t ms) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E7SZ", absl::FromUnixMillis(ms), absl::UTCTimeZone());
}

std::string EventsText(const Row& row) {
  const Call& call = row.call;
  tracking::ArrayText events;
  const auto add = [&](std::string_view name, int64_t ms, ObjectText event) {
    events.Add(event.Text("name", name).Text("dtStamp", EventTime(ms)).Take());
  };
  if (call.HasTarget()) {
    add("TargetDialed", call.MsOf(Stage::kRinging),
        ObjectText().Text("targetId", row.target().id).Text("targetNumber", row.target().number));
  }
  if (call.IsConnected()) {
    const int64_t ms = call.MsOf(Stage::kTalking);
    add("ConnectedCall", ms, ObjectText().Number("timeToConnect", call.WaitSeconds()).Number("callConnectionDt", ms));
  }
  if (call.HasEnded()) {
    const int64_t ms = call.MsOf(Stage::kEnded);
    add("CompletedCall", ms,
        ObjectText().Number("callLengthInSeconds", call.WaitSeconds() + call.talk_seconds).Text("recordingUrl", ""));
    add("EndCallSource", ms, ObjectText().Text("source", EndSource(call)));
  }
  if (call.HasConverted()) {
    add("ConvertedCall", call.MsOf(Stage::kSettled),
        ObjectText().Raw("conversionAmount", tracking::Shortest(call.revenue)));
  }
  return events.Take();
}

}  // namespace

std::string RingbaCallIds::Render(uint64_t seed, uint32_t number) const {
  tracking::Draws draws(seed);
  std::string id(kIdStart);
  for (size_t i = 0; i < kIdRandom; ++i) id.push_back(kIdCharacters[draws.Next() % kIdCharacters.size()]);
  std::array<char, kIdNumber + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", number);
  return id.append(digits.data());
}

std::optional<uint32_t> RingbaCallIds::NumberIn(std::string_view id) const {
  if (id.size() != kIdStart.size() + kIdRandom + kIdNumber) return std::nullopt;
  uint32_t number = 0;
  const char* end = id.data() + id.size();
  const auto read = std::from_chars(end - kIdNumber, end, number, 16);
  return read.ptr == end && read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

const std::vector<Column>& Columns() {
  static const std::vector<Column> kColumns = [] {
    std::vector<Column> columns;
    for (const Computed& computed : Table()) columns.push_back(computed.column);
    return columns;
  }();
  return kColumns;
}

const Column* FindColumn(std::string_view name) {
  const Computed* computed = FindComputed(name);
  return computed == nullptr ? nullptr : &computed->column;
}

std::optional<std::string> ValueOf(const Account& account, uint32_t call, std::string_view column) {
  if (column.starts_with(kTagPrefix)) {
    const auto tags = TagsOf(account, call);
    const auto tag = tags.find(std::string(column.substr(kTagPrefix.size())));
    return tag == tags.end() ? std::nullopt : std::optional(Quoted(tag->second));
  }
  const Computed* computed = FindComputed(column);
  return computed == nullptr ? std::nullopt : computed->value({account, call, account.book.At(call)});
}

std::string FilterText(const Account& account, uint32_t call, std::string_view column) {
  const Column* known = FindColumn(column);
  const std::string value = ValueOf(account, call, column).value_or("");
  if (known != nullptr && known->type == "boolean") return value == "true" ? "yes" : "no";
  return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : value;
}

std::map<std::string, std::string> TagsOf(const Account& account, uint32_t number) {
  const Call& call = account.book.At(number);
  const tracking::CallExtras* extras = account.book.FindExtras(number);
  std::map<std::string, std::string> tags;
  if (extras == nullptr || !extras->own_tags) {
    tags["DialedNumber:Number"] = account.catalogue.numbers[call.number].number;
    tags["InboundNumber:State"] = tracking::PlaceOf(call).state;
    if (*tracking::SourceOf(call) != '\0') tags["User:utm_source"] = tracking::SourceOf(call);
    if (call.HasEnded()) tags["CallLength:Total"] = Concat(call.WaitSeconds() + call.talk_seconds);
  }
  if (extras == nullptr) return tags;
  for (const auto& [name, value] : extras->tags) tags[Concat("Annotations:", name)] = value;
  return tags;
}

std::string RecordText(const Account& account, uint32_t call, const std::vector<std::string>& columns) {
  ObjectText record;
  for (const std::string& column : columns) {
    if (const auto value = ValueOf(account, call, column)) record.Raw(column, *value);
  }
  return record.Take();
}

std::string DetailText(const Account& account, uint32_t number) {
  const Row row{account, number, account.book.At(number)};
  ObjectText record;
  for (const Computed& computed : Table()) {
    if (const auto value = computed.value(row)) record.Raw(computed.column.name, *value);
  }
  tracking::ArrayText tags;
  for (const auto& [name, value] : TagsOf(account, number)) {
    const size_t colon = name.find(':');
    tags.Add(ObjectText()
                 .Text("name", std::string_view(name).substr(colon + 1))
                 .Text("source", "Call")
                 .Text("type", std::string_view(name).substr(0, colon))
                 .Text("value", value)
                 .Take());
  }
  return record.Raw("events", EventsText(row)).Raw("message-tags", tags.Take()).Take();
}

std::string StatusOf(const Call& call) {
  if (!call.HasEnded()) {
    if (call.IsConnected()) return "answered";
    return call.HasTarget() ? "ringing" : "initiated";
  }
  switch (call.ending) {
    case Ending::kTalked:
      return "completed";
    case Ending::kCallerGaveUp:
      return "abandoned";
    case Ending::kNoAnswer:
      return "no_answer";
    case Ending::kBusy:
      return "busy";
    case Ending::kBlocked:
      return "failed";
    case Ending::kVoicemail:
    case Ending::kNoTarget:
      return "missed";
  }
  return "missed";
}

}  // namespace trunkline::twin::ringba
