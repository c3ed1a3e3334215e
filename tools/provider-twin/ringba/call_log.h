// Ringba's records of calls: the columns of the call log, and what the details have beside them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/provider-twin/tracking/account.h"

namespace trunkline::twin::ringba {

// "v2...", 60 characters; the number stands in it.
class RingbaCallIds final : public tracking::CallIds {
 public:
  std::string Render(uint64_t seed, uint32_t number) const override;
  std::optional<uint32_t> NumberIn(std::string_view id) const override;
};

struct Column {
  std::string_view name;
  std::string_view type;  // "keyword", "date", "timespan", "boolean", "money"
  bool filters = false;
};
const std::vector<Column>& Columns();
// Null for a name that is no column; tags ("tag:User:utm_source") are no columns.
const Column* FindColumn(std::string_view name);

// As JSON; nothing for a column without a value, which records leave out.
std::optional<std::string> ValueOf(const tracking::Account& account, uint32_t call, std::string_view column);
// For filters: texts without quotes, "yes" and "no".
std::string FilterText(const tracking::Account& account, uint32_t call, std::string_view column);

// "Type:Name" to value.
std::map<std::string, std::string> TagsOf(const tracking::Account& account, uint32_t call);

std::string RecordText(const tracking::Account& account, uint32_t call, const std::vector<std::string>& columns);
// With all columns, events and tags.
std::string DetailText(const tracking::Account& account, uint32_t call);

// "completed", ... in the words of the common record.
std::string StatusOf(const tracking::Call& call);

}  // namespace trunkline::twin::ringba
