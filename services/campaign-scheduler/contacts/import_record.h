// Imports as their table holds them.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "services/campaign-scheduler/contacts/contact_import.h"

namespace trunkline::scheduler {

// Nothing when the business has no such import.
absl::StatusOr<std::optional<ImportRecord>> FindImport(postgres::Transaction& tx, std::string_view import_id);
// NOT_FOUND IMPORT_NOT_FOUND.
absl::Status NoSuchImport(std::string_view import_id);

}  // namespace trunkline::scheduler
