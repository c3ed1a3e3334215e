#include "tools/trunkctl/campaign_output.h"

#include "absl/strings/str_format.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::trunkctl {

std::string WithoutPrefix(std::string_view value, std::string_view prefix) {
  return Lower(value.starts_with(prefix) ? value.substr(prefix.size()) : value);
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", telephony::FromProto(time), absl::UTCTimeZone());
}

std::string RateText(int64_t hundredths) { return absl::StrFormat("%d.%02d %%", hundredths / 100, hundredths % 100); }

std::string Summary(const campaigns::v1::Campaign& campaign) {
  const campaigns::v1::ContactCounts& contacts = campaign.contacts();
  const int64_t finished = contacts.reached() + contacts.exhausted() + contacts.suppressed() + contacts.removed();
  std::string line = Concat(campaign.campaign_id(), "  ",
                            WithoutPrefix(campaigns::v1::CampaignState_Name(campaign.state()), "CAMPAIGN_STATE_"), "  ",
                            campaign.name(), "  ", finished, " of ", contacts.total(), " contacts finished");
  if (!campaign.state_reason().empty()) line += Concat("  (", campaign.state_reason(), ")");
  if (campaign.has_starts_at()) line += Concat("  starts ", TimeText(campaign.starts_at()));
  return line;
}

std::string Summary(const campaigns::v1::ContactImport& import) {
  return Concat(import.import_id(), "  ",
                WithoutPrefix(campaigns::v1::ImportState_Name(import.state()), "IMPORT_STATE_"), "  ", import.rows(),
                " rows: ", import.added(), " added, ", import.updated(), " updated, ", import.duplicates(),
                " there before, ", import.errors(), " wrong");
}

std::string Report(const campaigns::v1::CampaignProgress& progress) {
  const campaigns::v1::ContactCounts& contacts = progress.contacts();
  std::string text = Concat(
      WithoutPrefix(campaigns::v1::CampaignState_Name(progress.state()), "CAMPAIGN_STATE_"), "  ",
      RateText(progress.finished_rate()), " of ", contacts.total(), " contacts finished\n  reached ",
      contacts.reached(), ", exhausted ", contacts.exhausted(), ", suppressed ", contacts.suppressed(), ", removed ",
      contacts.removed(), "\n  pending ", contacts.pending(), ", waiting ", contacts.waiting(), ", in flight ",
      contacts.in_flight(), "\n  attempts ", progress.attempts(), ": connected ", progress.connected(), ", failed ",
      progress.failed(), "\n  ", absl::StrFormat("%.1f attempts a minute", progress.attempts_per_minute()),
      ", position ", progress.position());
  if (progress.has_estimated_completion()) {
    text += Concat("\n  done about ", TimeText(progress.estimated_completion()));
    if (progress.has_estimated_completion_earliest()) {
      text += Concat(", not before ", TimeText(progress.estimated_completion_earliest()));
    }
    if (progress.has_estimated_completion_latest()) {
      text += Concat(", not after ", TimeText(progress.estimated_completion_latest()));
    }
  }
  if (progress.has_owner()) {
    text += Concat("\n  run by ", progress.owner().replica().empty() ? "nobody" : progress.owner().replica(), ": ",
                   WithoutPrefix(campaigns::v1::OwnerHealth_Name(progress.owner().health()), "OWNER_HEALTH_"));
  }
  return text;
}

std::string Report(const campaigns::v1::CampaignStatistics& statistics) {
  std::string text =
      Concat(statistics.has_hour() ? TimeText(statistics.hour()) : std::string("in all             "), "  ",
             statistics.attempts(), " attempts, answered ", RateText(statistics.answer_rate()), ", abandoned ",
             RateText(statistics.abandon_rate()), ", talked ", statistics.talk_time().seconds(), " s;");
  for (const auto& count : statistics.dispositions()) {
    text += Concat(" ", WithoutPrefix(campaigns::v1::Disposition_Name(count.disposition()), "DISPOSITION_"), " ",
                   count.attempts());
  }
  return text;
}

std::string GateLine(const control::v1::CallGate& gate) {
  std::string line = Concat(gate.passes() ? "open  " : "shut  ", gate.gate());
  if (!gate.level().empty()) line += Concat(" (", gate.level(), ")");
  if (!gate.value().empty()) line += Concat(": ", gate.value());
  if (!gate.limit().empty()) line += Concat(", allowed ", gate.limit());
  if (gate.has_next_at()) line += Concat(", next at ", TimeText(gate.next_at()));
  return line;
}

}  // namespace trunkline::trunkctl
