#include "libs/serving/serving.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/http/admin_server.h"

namespace trunkline::serving {
namespace {

constexpr absl::Duration kReadinessInterval = absl::Milliseconds(500);

}  // namespace

absl::StatusOr<std::unique_ptr<Serving>> Serving::Start(const ServingSettings& settings, Parts parts) {
  std::unique_ptr<Serving> serving(new Serving(settings.drain_limit, std::move(parts.ready)));
  Serving* const self = serving.get();
  TL_ASSIGN_OR_RETURN(self->server_, rpc::Server::Start({.address = settings.grpc_address, .port = settings.grpc_port},
                                                        parts.services));
  TL_ASSIGN_OR_RETURN(self->admin_, http::StartAdminServer({.address = settings.admin_address,
                                                            .port = settings.admin_port,
                                                            .metrics = std::move(parts.metrics),
                                                            .readiness = [self] { return self->Ready(); }}));
  self->telling_ =
      std::make_unique<BackgroundWorker>("telling readiness", kReadinessInterval, [self]() -> absl::StatusOr<bool> {
        self->server_->SetReady(self->Ready().ok());
        return false;
      });
  return serving;
}

Serving::Serving(absl::Duration drain_limit, std::function<absl::Status()> ready)
    : drain_limit_(drain_limit), ready_(std::move(ready)) {}

absl::Status Serving::Ready() const { return left_ ? absl::UnavailableError("stopping") : ready_(); }

void Serving::Leave() {
  left_ = true;
  if (telling_ != nullptr) telling_->Wake();
}

void Serving::Drain() {
  telling_.reset();
  server_->Drain(drain_limit_);
}

}  // namespace trunkline::serving
