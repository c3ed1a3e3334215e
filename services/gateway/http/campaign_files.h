// Files of campaigns over HTTP: contacts that come in, and exports that go out. They stream between gateway and
// campaign-scheduler; a request or answer over HTTP holds a bounded piece of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/http/message.h"
#include "trunkline/campaigns/v1/campaign_service.grpc.pb.h"
#include "trunkline/campaigns/v1/contact_service.grpc.pb.h"

namespace trunkline::gateway {

// What is needed of a request for files, beside what it asks for.
struct FileCaller {
  std::string authorization;  // the whole header
  std::string traceparent;
};

class CampaignFiles {
 public:
  // An export that is larger is refused, and told where it can be had.
  static constexpr size_t kLargestExport = 16 * 1024 * 1024;

  // `scheduler` is "host:port", or empty when there is none: everything is UNAVAILABLE then.
  explicit CampaignFiles(const std::string& scheduler, absl::Duration timeout = absl::Minutes(1));

  // Sends the bytes as a part of an import, and as its end unless more follow. Blocks.
  absl::StatusOr<campaigns::v1::ImportContactsResponse> Import(const FileCaller& caller,
                                                               const campaigns::v1::ImportHead& head,
                                                               const std::string& bytes, bool more);
  // The whole file. Blocks. RESOURCE_EXHAUSTED LIMIT_REACHED when it is too large.
  absl::StatusOr<std::string> Export(const FileCaller& caller, const campaigns::v1::ExportCampaignRequest& request);

 private:
  const std::unique_ptr<campaigns::v1::ContactService::Stub> contacts_;
  const std::unique_ptr<campaigns::v1::CampaignService::Stub> campaigns_;
  const absl::Duration timeout_;
};

// The head of an import, of its path, query and header Idempotency-Key, and whether more pieces follow ("more=true").
struct ImportQuestion {
  campaigns::v1::ImportHead head;
  bool more = false;
};
// INVALID_ARGUMENT names what is wrong. JSON lines are told by the media type where `format` is not given.
absl::StatusOr<ImportQuestion> ImportQuestionOf(const http::Request& request, const std::string& campaign_id);

// The exported file as an answer: its media type, and a name to keep it by.
http::Response ExportReply(const campaigns::v1::ExportCampaignRequest& request, std::string file);

// What whoever asks for campaigns is told by a gateway that knows no campaign-scheduler.
absl::Status NoScheduler();

}  // namespace trunkline::gateway
