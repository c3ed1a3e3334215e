// Opaque page tokens: where a list goes on, tied to the list that it was given for.
//
// A token holds a time and an id, the key that the lists are ordered by, and a digest of the list's filters. It gives
// no rights: a forged one leads to another place of the caller's own list.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trunkline {

struct PagePosition {
  absl::Time time;  // whole microseconds
  std::string id;   // UUID
};

// `list` names the list and all of its filters, whatever their form.
std::string MakePageToken(std::string_view list, const PagePosition& position);

// INVALID_ARGUMENT INVALID_PAGE_TOKEN when the token is none, or was given for another list.
absl::StatusOr<PagePosition> ReadPageToken(std::string_view list, std::string_view token);

// The same for a list that is ordered by a text: the last one of the page.
std::string MakeTextPageToken(std::string_view list, std::string_view last);
absl::StatusOr<std::string> ReadTextPageToken(std::string_view list, std::string_view token);

}  // namespace trunkline
