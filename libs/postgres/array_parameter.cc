#include "libs/postgres/array_parameter.h"

#include <cstdint>
#include <string>

#include "libs/postgres/binary_format.h"

namespace trunkline::postgres {
namespace {

constexpr auto kBytea = static_cast<ElementType>(17);

Parameter StringArray(ElementType type, const std::vector<std::string_view>& values) {
  size_t bytes = 20;
  for (const std::string_view value : values) bytes += 4 + value.size();
  std::string array;
  array.reserve(bytes);
  AppendArrayHeader(type, values.size(), &array);
  for (const std::string_view value : values) {
    AppendNumber(static_cast<int32_t>(value.size()), &array);
    array.append(value);
  }
  return Parameter::Bytes(array);
}

}  // namespace

Parameter TextArray(const std::vector<std::string_view>& values) { return StringArray(ElementType::kText, values); }

Parameter BytesArray(const std::vector<std::string_view>& values) { return StringArray(kBytea, values); }

}  // namespace trunkline::postgres
