#include "libs/base/media_type.h"

#include "libs/base/text.h"

namespace trunkline {
namespace {

bool IsOfType(std::string_view content_type, std::string_view type) {
  return EqualsIgnoreCase(Trim(content_type.substr(0, content_type.find(';'))), type);
}

}  // namespace

bool IsJson(std::string_view content_type) { return IsOfType(content_type, "application/json"); }
bool IsForm(std::string_view content_type) { return IsOfType(content_type, "application/x-www-form-urlencoded"); }

}  // namespace trunkline
