#include "services/gateway/recordings/stored_recordings.h"

#include <optional>
#include <utility>
#include <vector>

#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/providers/provider_status.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/request/provider_errors.h"

namespace trunkline::gateway {
namespace {

using recordings::v1::CreateDownloadLinkRequest;
using recordings::v1::CreateDownloadLinkResponse;
using recordings::v1::ListRecordingsRequest;
using recordings::v1::ListRecordingsResponse;
using recordings::v1::Recording;

constexpr absl::Duration kUsualLifetime = absl::Minutes(5);
constexpr absl::Duration kLongestLifetime = absl::Hours(1);

absl::Status NoSuchRecording(std::string_view recording_id) {
  return Error(absl::StatusCode::kNotFound, Reason::REASON_RECORDING_NOT_FOUND,
               Concat("the business has no recording ", recording_id), {{"recording_id", std::string(recording_id)}});
}

// The list that a page token belongs to: the business and the filters.
std::string ListName(std::string_view business_id, ListRecordingsRequest filters) {
  filters.clear_page_size();
  filters.clear_page_token();
  return Concat("recordings ", business_id, " ", filters.SerializeAsString());
}

}  // namespace

absl::StatusOr<ListRecordingsResponse> StoredRecordings::List(const std::string& business_id,
                                                              const ListRecordingsRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  if (!request.call_id().empty()) checks.RequireUuid(request.call_id(), "call_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = ListName(business_id, request);
  std::optional<PagePosition> after;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadPageToken(list, request.page_token()));
  }
  // One more than the page shows whether there is another.
  TL_ASSIGN_OR_RETURN(std::vector<Recording> found, parts_.store.List(business_id, request, after, page_size + 1));
  ListRecordingsResponse response;
  const bool has_more = found.size() > static_cast<size_t>(page_size);
  if (has_more) found.pop_back();
  if (has_more) {
    response.set_next_page_token(MakePageToken(
        list, {.time = telephony::FromProto(found.back().create_time()), .id = found.back().recording_id()}));
  }
  for (Recording& recording : found) *response.add_recordings() = std::move(recording);
  return response;
}

absl::StatusOr<RecordingRow> StoredRecordings::Find(const std::string& business_id, const std::string& recording_id) {
  if (!IsUuid(recording_id)) {
    return InvalidFields({{.field = "recording_id", .description = "must be a UUID in lower case"}});
  }
  TL_ASSIGN_OR_RETURN(std::optional<RecordingRow> row, parts_.store.Find(business_id, recording_id));
  if (!row.has_value()) return NoSuchRecording(recording_id);
  return *std::move(row);
}

absl::StatusOr<Recording> StoredRecordings::Get(const std::string& business_id, const std::string& recording_id) {
  TL_ASSIGN_OR_RETURN(const RecordingRow row, Find(business_id, recording_id));
  if (row.is_deleted) return NoSuchRecording(recording_id);
  return row.recording;
}

absl::StatusOr<StoredRecordings::Keeper> StoredRecordings::KeeperOf(const std::string& business_id,
                                                                    const Recording& recording) {
  Keeper keeper;
  TL_ASSIGN_OR_RETURN(keeper.account, parts_.accounts.Find(business_id, recording.provider_account_id()));
  keeper.provider = parts_.registry.Find(keeper.account.provider);
  if (keeper.provider == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_UNKNOWN_PROVIDER,
                 "the recording is kept by a provider that this server was not built with");
  }
  keeper.identity = {.call_id = recording.call_id(),
                     .business_id = business_id,
                     .provider = keeper.account.provider,
                     .provider_account_id = keeper.account.id,
                     .traceparent = CurrentTrace().ToTraceparent()};
  return keeper;
}

absl::StatusOr<CreateDownloadLinkResponse> StoredRecordings::CreateLink(const std::string& business_id,
                                                                        const CreateDownloadLinkRequest& request) {
  const absl::Duration lifetime = request.has_lifetime() ? telephony::FromProto(request.lifetime()) : kUsualLifetime;
  FieldChecks checks;
  checks.Require(lifetime >= absl::Seconds(1) && lifetime <= kLongestLifetime, "lifetime",
                 "must be from 1 second to 1 hour");
  TL_RETURN_IF_ERROR(checks.Finish());
  TL_ASSIGN_OR_RETURN(const Recording recording, Get(business_id, request.recording_id()));
  TL_ASSIGN_OR_RETURN(const Keeper keeper, KeeperOf(business_id, recording));
  // Now, not when somebody listens: then there is no client that could be told.
  if (!keeper.provider->Features().contains(providers::v1::FEATURE_LIST_RECORDINGS)) {
    return providers::Unsupported(keeper.account.provider, providers::v1::FEATURE_LIST_RECORDINGS);
  }
  const absl::Time end = absl::FromUnixSeconds(absl::ToUnixSeconds(parts_.clock.Now() + lifetime));
  CreateDownloadLinkResponse response;
  response.set_url(
      parts_.links.UrlOf({.recording_id = recording.recording_id(), .business_id = business_id, .expires_at = end}));
  *response.mutable_expire_time() = telephony::ToProto(end);
  return response;
}

absl::Status StoredRecordings::Delete(const std::string& business_id, const std::string& actor,
                                      const std::string& recording_id) {
  TL_ASSIGN_OR_RETURN(const RecordingRow row, Find(business_id, recording_id));
  if (row.is_deleted) return absl::OkStatus();
  TL_ASSIGN_OR_RETURN(const Keeper keeper, KeeperOf(business_id, row.recording));
  const absl::Status deleted = parts_.requests.Ask(keeper.identity, "delete_recording", [&] {
    return keeper.provider->Recordings().Delete(keeper.account, row.recording.external_recording_id());
  });
  if (!deleted.ok()) return ProviderError(deleted, "deleting the recording");
  return parts_.store.Delete(
      {.business_id = business_id, .actor = actor, .recording = row.recording, .at = parts_.clock.Now()});
}

absl::Status StoredRecordings::Fetch(const std::string& recording_id, std::string_view query, std::string_view range,
                                     providers::MediaSink& sink) {
  TL_ASSIGN_OR_RETURN(const DownloadLink link, parts_.links.Read(recording_id, query, parts_.clock.Now()));
  TL_ASSIGN_OR_RETURN(const RecordingRow row, Find(link.business_id, recording_id));
  if (row.is_deleted) return NoSuchRecording(recording_id);
  TL_ASSIGN_OR_RETURN(const Keeper keeper, KeeperOf(link.business_id, row.recording));
  calls::v1::Recording wanted;
  wanted.set_external_recording_id(row.recording.external_recording_id());
  wanted.set_url(row.url);
  wanted.set_status(row.recording.status());
  absl::Status fetched = parts_.requests.Ask(keeper.identity, "fetch_recording", [&] {
    return keeper.provider->Recordings().Fetch(keeper.account, wanted, range, sink);
  });
  if (fetched.ok() || fetched.code() == absl::StatusCode::kCancelled) return fetched;
  return ProviderError(fetched, "fetching the recording");
}

}  // namespace trunkline::gateway
