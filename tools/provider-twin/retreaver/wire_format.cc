#include "tools/provider-twin/retreaver/wire_format.h"

#include "libs/base/text.h"
#include "tools/provider-twin/tracking/generator.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::retreaver {
namespace {

using tracking::Account;
using tracking::ArrayText;
using tracking::Call;
using tracking::Ending;
using tracking::ObjectText;
using tracking::Shortest;
using tracking::Stage;
using tracking::UtcTime;

constexpr int64_t kFirstNumberId = 4'906'200;

std::string TimeIf(bool known, int64_t ms) { return known ? UtcTime(ms) : std::string(); }

// Version 1 has whole seconds.
std::string Seconds(const std::string& time) {
  return time.empty() ? time : Concat(std::string_view(time).substr(0, 19), "Z");
}

const char* HungUpBy(const Call& call) {
  if (call.ending == Ending::kTalked) return call.seed % 3 == 0 ? "caller" : "target";
  return call.ending == Ending::kCallerGaveUp ? "caller" : "";
}

std::string PixelsText(const Account& account, uint32_t number) {
  ArrayText pixels;
  const tracking::CallExtras* extras = account.book.FindExtras(number);
  if (extras == nullptr) return pixels.Take();
  int64_t order = 0;
  for (const tracking::Delivery& delivery : extras->deliveries) {
    const tracking::Hook& hook = account.hooks[delivery.hook];
    ObjectText pixel;
    pixel.Text("url", hook.url)
        .Number("fire_order", order++)
        .Text("created_at", UtcTime(delivery.sent_ms))
        .Text("fired_at", UtcTime(delivery.sent_ms))
        .Text("status", "fired")
        .TextOrNull("webhook_name", hook.name);
    pixels.Add(ObjectText().Raw("fired_pixel", pixel.Take()).Take());
  }
  return pixels.Take();
}

void AddTimes(const Call& call, int version, ObjectText* object) {
  const auto time = [&](bool known, int64_t ms) {
    return version == 1 ? Seconds(TimeIf(known, ms)) : TimeIf(known, ms);
  };
  object->TextOrNull("start_time", time(true, call.started_ms))
      .TextOrNull("forwarded_time", time(call.IsConnected(), call.MsOf(Stage::kRinging)))
      .TextOrNull("end_time", time(call.HasEnded(), call.MsOf(Stage::kEnded)))
      .TextOrNull("updated_at", time(true, call.changed_ms))
      .TextOrNull("created_at", time(true, call.started_ms));
}

void AddMoney(const Call& call, ObjectText* object) {
  const bool known = call.IsSettled() && call.ending == Ending::kTalked;
  const int64_t revenue = known ? call.revenue : 0;
  const int64_t payout = known ? call.payout : 0;
  const int64_t cost = call.HasEnded() ? call.cost : 0;
  if (known) {
    // Some are numbers, some are numbers in texts.
    object->Raw("revenue", Shortest(revenue));
    if (call.seed % 5 == 0) {
      object->Text("payout", Shortest(payout));
    } else {
      object->Raw("payout", Shortest(payout));
    }
  } else {
    object->Null("revenue").Null("payout");
  }
  object->Text("charge_total", Shortest(cost))
      .Text("total_cost", Shortest(cost))
      .Text("profit_gross", Shortest(revenue - payout - cost))
      .Raw("profit_net", Shortest(revenue - payout));
}

void AddAttribution(const Account& account, const Call& call, int version, ObjectText* object) {
  const tracking::Campaign& campaign = account.catalogue.campaigns[call.campaign];
  const tracking::Publisher& publisher = account.catalogue.publishers[call.publisher];
  const tracking::Target& target = account.catalogue.targets[call.target];
  const tracking::Number& number = account.catalogue.numbers[call.number];
  object->Raw("system_campaign_id", campaign.id)
      .Raw("system_affiliate_id", publisher.key)
      .Text("affiliate_name", publisher.name);
  if (version == 4) {
    object->Raw("campaign", ObjectText().Text("id", campaign.id).Text("name", campaign.name).Take());
  } else {
    object->Raw("campaign_id", campaign.id).Text("campaign_name", campaign.name);
  }
  if (version >= 3) {
    object->Raw("number", ObjectText().Text("number", number.number).Text("name", campaign.name).Take());
  } else {
    object->Text("number", number.number);
  }
  object->Number("number_id", kFirstNumberId + call.number);
  if (call.HasTarget()) {
    object->Text("tid", TidOf(call.target)).Raw("target_id", target.id).Text("target_name", target.name);
  } else {
    object->Null("tid").Null("target_id").Null("target_name");
  }
}

}  // namespace

std::string TidOf(uint16_t target) { return Concat("buyer-", target + 1); }

std::string RecordingOf(const Account& account, uint32_t number) {
  if (!account.book.At(number).HasRecording()) return {};
  return Concat("https://recordings.example.com/", account.book.IdOf(number), ".mp3?token=", account.recording_key);
}

std::map<std::string, std::string> TagsOf(const Account& account, uint32_t number) {
  const Call& call = account.book.At(number);
  const tracking::CallExtras* extras = account.book.FindExtras(number);
  std::map<std::string, std::string> tags;
  if (extras == nullptr || !extras->own_tags) {
    const tracking::CallerPlace& place = tracking::PlaceOf(call);
    tags["geo"] = Lower(Concat(place.area_code, ",us,us-", place.zip, ",us-", place.state));
    if (*tracking::SourceOf(call) != '\0') tags["utm_source"] = tracking::SourceOf(call);
    // An enrichment's, and not the call's.
    if (call.seed % 2 == 0) tags["status"] = "success";
  }
  if (extras == nullptr) return tags;
  for (const auto& [name, value] : extras->tags) tags[name] = value;
  return tags;
}

std::string CallText(const Account& account, uint32_t number, int version, bool flow_events) {
  const Call& call = account.book.At(number);
  const tracking::CallerPlace& place = tracking::PlaceOf(call);
  ObjectText object;
  object.Text("uuid", account.book.IdOf(number))
      .Text("caller", call.caller == 0 ? "anonymous" : tracking::PhoneOf(call.caller))
      .Text("caller_zip", place.zip)
      .Text("caller_state", place.state)
      .Text("caller_city", place.city)
      .Text("caller_country", "US")
      .Number("dialed_call_duration", call.HasEnded() ? call.talk_seconds : 0)
      .Number("total_duration", call.HasEnded() ? call.WaitSeconds() + call.talk_seconds : 0)
      .Text("status", call.HasEnded() ? "finished" : "in_progress");
  AddTimes(call, version, &object);
  object.Text("cid", account.catalogue.campaigns[call.campaign].key)
      .Text("afid", account.catalogue.publishers[call.publisher].id)
      .TextOrNull("sid", tracking::SourceOf(call))
      .TextOrNull("dialed_number", call.HasTarget() ? account.catalogue.targets[call.target].number : "");
  if (const std::string recording = RecordingOf(account, number); !recording.empty()) {
    object.Text("recording_url", recording);
  }
  if (version == 1) return ObjectText().Raw("call", object.Take()).Take();

  object.Null("caller_number_sent")
      .Number("ivr_duration", call.menu_seconds)
      .Number("hold_duration", call.stage >= Stage::kTalking ? call.ring_seconds : 0)
      .Number("time_to_connect_in_seconds", call.stage >= Stage::kTalking ? call.WaitSeconds() : call.menu_seconds)
      .Flag("connected", call.IsConnected())
      .Flag("converted", call.HasConverted())
      .Flag("payable", call.HasConverted())
      .Flag("receivable", call.HasConverted())
      .TextOrNull("conversions_determined_at", TimeIf(call.IsSettled(), call.MsOf(Stage::kSettled)))
      .TextOrNull("hung_up_by", call.HasEnded() ? HungUpBy(call) : "");
  AddMoney(call, &object);
  AddAttribution(account, call, version, &object);
  ObjectText tags;
  for (const auto& [name, value] : TagsOf(account, number)) tags.Text(name, value);
  object.Raw("tags", tags.Take())
      .Raw("fired_pixels", PixelsText(account, number))
      .Raw("target_group", "{}")
      .Null("upstream_call_uuid")
      .Raw("downstream_call_uuids", "[]")
      .Flag("duplicate", call.seed % 11 == 0)
      .Text("via", "inbound-dial")
      .Raw("company_id", account.id);
  if (flow_events) object.Raw("call_flow_events", "[]");
  return ObjectText().Raw("call", object.Take()).Take();
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
    case Ending::kBusy:
      return "no_answer";
    case Ending::kVoicemail:
    case Ending::kBlocked:
    case Ending::kNoTarget:
      return "missed";
  }
  return "missed";
}

}  // namespace trunkline::twin::retreaver
