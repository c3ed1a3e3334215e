#include "tools/provider-twin/tracking/truth.h"

#include "tools/provider-twin/tracking/generator.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::tracking {

std::string TruthOf(const Platform& platform, const Account& account, uint32_t number) {
  const Call& call = account.book.At(number);
  const CallWords words = platform.Words(account, number);
  const Catalogue& catalogue = account.catalogue;
  const Target& target = catalogue.targets[call.target];
  const auto time_if = [](bool known, int64_t ms) { return known ? UtcTime(ms) : std::string(); };
  const auto money_if = [&](int64_t amount) { return FourDecimals(words.money_known ? amount : 0); };

  ObjectText tags;
  for (const auto& [name, value] : words.tags) tags.Text(name, value);
  ArrayText changed;
  if (const CallExtras* extras = account.book.FindExtras(number); extras != nullptr) {
    for (const int64_t ms : extras->changed_ms) changed.Add(Quoted(UtcTime(ms)));
  }
  const bool ended = call.HasEnded();
  const bool removed = account.book.IsRemoved(number);
  ObjectText truth;
  truth.Text("external_id", account.book.IdOf(number))
      .Text("provider", platform.name())
      .TextOrNull("campaign_id", words.campaign_id)
      .TextOrNull("campaign_external_key", words.campaign_key)
      .TextOrNull("campaign_name", catalogue.campaigns[call.campaign].name)
      .TextOrNull("tracking_number", catalogue.numbers[call.number].number)
      .TextOrNull("caller_number", PhoneOf(call.caller))
      .TextOrNull("destination_number", words.has_destination ? target.number : "")
      .TextOrNull("publisher_id", words.publisher_id)
      .TextOrNull("publisher_name", catalogue.publishers[call.publisher].name)
      .TextOrNull("sub_id", SourceOf(call))
      .TextOrNull("buyer_id", words.buyer_id)
      .TextOrNull("buyer_name", words.buyer_name)
      .Text("status", words.status)
      .Text("started_at", UtcTime(call.started_ms))
      .TextOrNull("answered_at",
                  time_if(call.IsConnected() && (ended || words.answer_known), call.MsOf(Stage::kTalking)))
      .TextOrNull("ended_at", time_if(ended, call.MsOf(Stage::kEnded)))
      .Number("duration_seconds", ended ? call.WaitSeconds() + call.talk_seconds : 0)
      .Number("talk_seconds", ended ? call.talk_seconds : 0)
      .Flag("recording", call.HasRecording())
      .Text("revenue", money_if(call.revenue))
      .Text("payout", money_if(call.payout))
      .Text("cost", FourDecimals(ended ? call.cost : 0))
      .Flag("money_known", words.money_known)
      .Text("currency", "USD")
      .Flag("converted", call.HasConverted())
      .TextOrNull("provider_updated_at", words.tells_changes ? UtcTime(call.changed_ms) : std::string())
      .TextOrNull("deleted_at", time_if(call.deleted_ms != 0, call.deleted_ms))
      .Flag("listed", !removed)
      .Raw("tags", tags.Take())
      .Number("changes", call.changes)
      .Raw("changed_at", changed.Take())
      .Text("last_change_at", UtcTime(call.changed_ms));
  return truth.Take();
}

}  // namespace trunkline::twin::tracking
