// Retreaver's lists: pages by number, with a Link header to the others.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/message.h"
#include "tools/provider-twin/tracking/platform.h"

namespace trunkline::twin::retreaver {

struct PageWish {
  size_t page = 1;
  size_t size = 25;

  size_t Offset() const { return (page - 1) * size; }
};
PageWish PageOf(const tracking::Ask& ask);
// An array of the texts; `total` of them are on all pages.
http::Response PageResponse(const std::vector<std::string>& items, const PageWish& wish, size_t total,
                            const tracking::Ask& ask, std::string_view base_url, bool with_link);

// GET /api/v{version}/calls.json
http::Response ListCalls(tracking::Account& account, const tracking::Ask& ask, int version, std::string_view base_url,
                         tracking::PageRead* page);

}  // namespace trunkline::twin::retreaver
