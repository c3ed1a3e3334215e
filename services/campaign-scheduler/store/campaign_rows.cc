#include "services/campaign-scheduler/store/campaign_rows.h"

#include <memory>
#include <utility>

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {

using postgres::Micros;
using postgres::Result;

namespace {

constexpr std::string_view kNil = "'00000000-0000-0000-0000-000000000000'";

// Until when, in microseconds; the largest number: for good; null: not on the list.
std::string ListColumn(std::string_view condition) {
  return Concat("max(CASE WHEN ", condition, " THEN coalesce((extract(epoch FROM s.expires_at) * 1000000)::bigint, ",
                "9223372036854775807) END)");
}

std::optional<absl::Time> ListedUntil(const Result& rows, int row, int column) {
  if (rows.IsNull(row, column)) return std::nullopt;
  const int64_t micros = rows.Integer(row, column);
  return micros == INT64_MAX ? absl::InfiniteFuture() : absl::FromUnixMicros(micros);
}

}  // namespace

std::vector<int64_t> NumbersOf(std::string_view joined) {
  std::vector<int64_t> numbers;
  if (joined.empty()) return numbers;
  for (const std::string_view piece : Split(joined, ',')) {
    if (const std::optional<int64_t> number = ParseInt(piece)) numbers.push_back(*number);
  }
  return numbers;
}

std::vector<absl::Time> TimesOf(std::string_view joined) {
  std::vector<absl::Time> times;
  for (const int64_t micros : NumbersOf(joined)) times.push_back(absl::FromUnixMicros(micros));
  return times;
}

std::string JoinedMicros(std::string_view array) {
  return Concat("(SELECT coalesce(string_agg(((extract(epoch FROM d) * 1000000)::bigint)::text, ','), '') FROM unnest(",
                array, ") AS d)");
}

absl::StatusOr<Campaign> MakeCampaign(std::string campaign_id, std::string business_id, v1::CampaignState state,
                                      int64_t version, const std::string& settings,
                                      const std::vector<std::string>& blocked_prefixes) {
  Campaign campaign{
      .campaign_id = std::move(campaign_id), .business_id = std::move(business_id), .state = state, .version = version};
  if (!campaign.settings.ParseFromString(settings)) {
    return absl::DataLossError(ToAbsl(Concat("the settings of campaign ", campaign.campaign_id, " cannot be read")));
  }
  campaign.rules = std::make_shared<const DialRules>(campaign.settings, blocked_prefixes);
  return campaign;
}

std::string ContactColumnsOf(std::string_view contacts) {
  std::string columns;
  for (const std::string_view column : {"contact_id::text", "position", "number", "time_zone", "priority::int",
                                        "state::int", "attempts::int", "variables"}) {
    columns += Concat(contacts, ".", column, ", ");
  }
  return columns + Concat(Micros(Concat(contacts, ".due_at")), ", array_to_string(", contacts, ".endings, ',')");
}

Contact ContactOfRow(const Result& rows, int row, int first, const std::string& campaign_id) {
  Contact contact;
  v1::Contact& record = contact.record;
  record.set_contact_id(rows.String(row, first));
  record.set_campaign_id(campaign_id);
  record.set_position(rows.Integer(row, first + 1));
  record.set_number(rows.String(row, first + 2));
  record.set_time_zone(rows.String(row, first + 3));
  record.set_priority(static_cast<int32_t>(rows.Integer(row, first + 4)));
  record.set_state(static_cast<v1::ContactState>(rows.Integer(row, first + 5)));
  record.set_attempts(static_cast<int32_t>(rows.Integer(row, first + 6)));
  contact.variables = rows.Bytes(row, first + 7);
  if (const auto due_at = rows.Time(row, first + 8)) *record.mutable_due_at() = telephony::ToProto(*due_at);
  for (const int64_t ending : NumbersOf(rows.Text(row, first + 9))) {
    contact.endings.push_back(static_cast<v1::Disposition>(ending));
  }
  return contact;
}

std::string ListColumns() { return "lists.everywhere, lists.business, lists.campaign"; }

std::string SuppressionJoin(std::string_view number) {
  return Concat(" LEFT JOIN LATERAL (SELECT ", ListColumn(Concat("s.business_id = ", kNil)), " AS everywhere, ",
                ListColumn(Concat("s.business_id = $2::uuid AND s.campaign_id = ", kNil)), " AS business, ",
                ListColumn("s.business_id = $2::uuid AND s.campaign_id = $1::uuid"), " AS campaign ",
                "FROM suppression s WHERE s.number = ", number, " AND s.business_id IN (", kNil,
                ", $2::uuid) AND s.campaign_id IN (", kNil, ", $1::uuid)) AS lists ON true");
}

NumberFacts ListsOfRow(const Result& rows, int row, int first) {
  return {.dials = {},
          .on_global_list = ListedUntil(rows, row, first),
          .on_business_list = ListedUntil(rows, row, first + 1),
          .on_campaign_list = ListedUntil(rows, row, first + 2)};
}

}  // namespace trunkline::scheduler
