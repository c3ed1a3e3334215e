// Many texts or byte strings as one parameter of a statement, in PostgreSQL's binary format: nothing is escaped on the
// way, and nothing parsed.
#pragma once

#include <string_view>
#include <vector>

#include "libs/postgres/parameter.h"

namespace trunkline::postgres {

// A text[]; PostgreSQL refuses the statement over text that it cannot store.
Parameter TextArray(const std::vector<std::string_view>& values);
// A bytea[].
Parameter BytesArray(const std::vector<std::string_view>& values);

}  // namespace trunkline::postgres
