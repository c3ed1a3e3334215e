// What clients do with recordings: find them, get a link to their sound, delete them. The errors are those that
// RecordingService promises.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/providers/registry.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/calls/provider_requests.h"
#include "services/gateway/recordings/download_link.h"
#include "services/gateway/recordings/recording_store.h"

namespace trunkline::gateway {

class StoredRecordings {
 public:
  struct Parts {  // all of them outlive the object
    RecordingStore& store;
    AccountDirectory& accounts;
    const providers::Registry& registry;
    ProviderRequests& requests;
    const DownloadLinks& links;
    const Clock& clock;
  };

  explicit StoredRecordings(Parts parts) : parts_(parts) {}

  absl::StatusOr<recordings::v1::ListRecordingsResponse> List(const std::string& business_id,
                                                              const recordings::v1::ListRecordingsRequest& request);
  absl::StatusOr<recordings::v1::Recording> Get(const std::string& business_id, const std::string& recording_id);
  absl::StatusOr<recordings::v1::CreateDownloadLinkResponse> CreateLink(
      const std::string& business_id, const recordings::v1::CreateDownloadLinkRequest& request);
  // At the provider first: what is left of a crash is a recording that is still here, and deleting it again does the
  // rest.
  absl::Status Delete(const std::string& business_id, const std::string& actor, const std::string& recording_id);

  // Gives the sound behind a link, or a range of it, to the sink; `query` is that of the link's URL. PERMISSION_DENIED
  // INVALID_LINK; CANCELLED when the sink wanted no more. Waits for the provider and for the sink.
  absl::Status Fetch(const std::string& recording_id, std::string_view query, std::string_view range,
                     providers::MediaSink& sink);

 private:
  struct Keeper {
    providers::Account account;
    const providers::Provider* provider = nullptr;
    CallIdentity identity;
  };

  absl::StatusOr<RecordingRow> Find(const std::string& business_id, const std::string& recording_id);
  absl::StatusOr<Keeper> KeeperOf(const std::string& business_id, const recordings::v1::Recording& recording);

  Parts parts_;
};

}  // namespace trunkline::gateway
