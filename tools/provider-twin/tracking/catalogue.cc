#include "tools/provider-twin/tracking/catalogue.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::twin::tracking {
namespace {

// 555-0100 and on, then other exchanges: 7 digits that are nobody's.
constexpr int64_t kFirstSubscriber = 5'550'100;

template <typename Row>
uint16_t RowOf(std::vector<Row>& rows, const std::string& number, const Row& like) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.number == number; });
  if (found != rows.end()) return static_cast<uint16_t>(found - rows.begin());
  rows.push_back(like);
  rows.back().number = number;
  return static_cast<uint16_t>(rows.size() - 1);
}

}  // namespace

const Campaign* Catalogue::FindCampaign(std::string_view id_or_key) const {
  const auto found = std::find_if(campaigns.begin(), campaigns.end(), [&](const Campaign& campaign) {
    return campaign.id == id_or_key || campaign.key == id_or_key;
  });
  return found == campaigns.end() ? nullptr : &*found;
}

Number* Catalogue::FindNumber(std::string_view id) {
  const auto found =
      std::find_if(numbers.begin(), numbers.end(), [&](const Number& number) { return number.id == id; });
  return found == numbers.end() ? nullptr : &*found;
}

// What is added belongs to the campaign and the buyer of the first row.
uint16_t Catalogue::RowOfNumber(const std::string& number) { return RowOf(numbers, number, numbers.front()); }
uint16_t Catalogue::RowOfTarget(const std::string& number) { return RowOf(targets, number, targets.front()); }

std::string Catalogue::NextPhoneNumber(bool toll_free, std::string_view area_code) {
  const std::string_view usual = toll_free ? "888" : "202";
  return Concat("+1", area_code.empty() ? usual : area_code, kFirstSubscriber + ++last_phone_number_);
}

}  // namespace trunkline::twin::tracking
