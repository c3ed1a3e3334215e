// The Link header of a page (RFC 8288). Its URLs repeat the API key: only the number of the next page is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline::tracking::retreaver {

// The `page` of the link with rel="next"; nothing when there is none.
std::optional<int64_t> NextPageOf(std::string_view link_header);

}  // namespace trunkline::tracking::retreaver
