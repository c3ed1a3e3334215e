// What an account has beside calls: campaigns, publishers, buyers, tracking numbers. The platform gives them ids of its
// form; a call names them by row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::twin::tracking {

struct Campaign {
  std::string id;   // the platform's
  std::string key;  // the customer's
  std::string name;
  bool active = true;
};
struct Publisher {
  std::string id;   // that calls are attributed to
  std::string key;  // the customer's
  std::string name;
};
// Where calls are sent.
struct Target {
  std::string id;
  std::string name;
  std::string number;  // E.164
  std::string buyer_id;
  std::string buyer_name;
};
struct Number {
  std::string id;
  std::string number;  // E.164
  bool toll_free = false;
  std::string area_code;
  std::string country = "US";
  std::string campaign_id;
  std::string campaign_key;
  std::string publisher_id;
  std::string sub_id;
  int64_t provisioned_ms = 0;
  int64_t released_ms = 0;  // 0: it is not
  bool enabled = true;
};

struct Catalogue {
  std::vector<Campaign> campaigns;
  std::vector<Publisher> publishers;
  std::vector<Target> targets;
  std::vector<Number> numbers;

  // Null where there is none.
  const Campaign* FindCampaign(std::string_view id_or_key) const;
  Number* FindNumber(std::string_view id);
  // The row of a number or target, added when it is not there.
  uint16_t RowOfNumber(const std::string& number);
  uint16_t RowOfTarget(const std::string& number);
  // A number that no other has, of the area code or, without one, of the kind.
  std::string NextPhoneNumber(bool toll_free, std::string_view area_code);

 private:
  int64_t last_phone_number_ = 0;
};

}  // namespace trunkline::twin::tracking
