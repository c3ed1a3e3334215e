#include "libs/providers/recording_client.h"

#include "libs/providers/provider_status.h"

namespace trunkline::providers {

absl::StatusOr<calls::v1::Recording> RecordingClient::Start(const Account& /*account*/, const LiveCall& /*call*/) {
  return Unsupported(provider_, v1::FEATURE_RECORD);
}

absl::Status RecordingClient::Stop(const Account& /*account*/, const LiveCall& /*call*/,
                                   std::string_view /*external_recording_id*/) {
  return Unsupported(provider_, v1::FEATURE_RECORD);
}

absl::StatusOr<std::vector<ProviderRecording>> RecordingClient::List(const Account& /*account*/,
                                                                     std::string_view /*external_call_id*/) {
  return Unsupported(provider_, v1::FEATURE_LIST_RECORDINGS);
}

absl::StatusOr<ProviderRecording> RecordingClient::Get(const Account& /*account*/,
                                                       std::string_view /*external_recording_id*/) {
  return Unsupported(provider_, v1::FEATURE_LIST_RECORDINGS);
}

absl::Status RecordingClient::Fetch(const Account& /*account*/, const calls::v1::Recording& /*recording*/,
                                    std::string_view /*range*/, MediaSink& /*sink*/) {
  return Unsupported(provider_, v1::FEATURE_LIST_RECORDINGS);
}

absl::Status RecordingClient::Delete(const Account& /*account*/, std::string_view /*external_recording_id*/) {
  return Unsupported(provider_, v1::FEATURE_DELETE_RECORDING);
}

}  // namespace trunkline::providers
