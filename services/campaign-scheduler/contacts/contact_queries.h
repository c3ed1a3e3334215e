// Reads contacts and imports of one business, and takes contacts out.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "trunkline/campaigns/v1/contact_service.pb.h"

namespace trunkline::scheduler {

class ContactQueries {
 public:
  // Both outlive the object.
  ContactQueries(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  absl::StatusOr<campaigns::v1::ListContactsResponse> List(std::string_view business_id,
                                                           const campaigns::v1::ListContactsRequest& request);
  absl::StatusOr<campaigns::v1::GetContactResponse> Get(std::string_view business_id,
                                                        const campaigns::v1::GetContactRequest& request);
  absl::StatusOr<campaigns::v1::ContactImport> GetImport(std::string_view business_id, std::string_view import_id);
  absl::StatusOr<campaigns::v1::ListContactImportErrorsResponse> ListImportErrors(
      std::string_view business_id, const campaigns::v1::ListContactImportErrorsRequest& request);

  // Takes a contact out. One whose attempt is under way cannot be changed by anybody but the campaign's owner: its
  // number goes on the campaign's do-not-call list, which every later decision sees. May be repeated.
  absl::StatusOr<campaigns::v1::Contact> Remove(const rpc::Caller& caller,
                                                const campaigns::v1::RemoveContactRequest& request);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
};

}  // namespace trunkline::scheduler
