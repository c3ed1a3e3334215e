#include "tests/tracking-conformance/scripted_platform.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "libs/base/text.h"
#include "libs/tracking/amount.h"

namespace trunkline::tracking_conformance {

std::string ScriptedPlatform::Url() const { return Concat("http://127.0.0.1:", server_->port()); }

void ScriptedPlatform::Put(const TrueCall& call) {
  const std::scoped_lock lock(mutex_);
  calls_[call.id] = call;
}

TrueCall ScriptedPlatform::Get(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  return calls_.at(id);
}

void ScriptedPlatform::AnswerNext(http::Response response) {
  const std::scoped_lock lock(mutex_);
  prepared_.push_back(std::move(response));
}

int ScriptedPlatform::Requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void ScriptedPlatform::Serve() {
  auto server = http::Server::Start({}, [this](http::Request request, http::Responder respond) {
    http::Response response;
    {
      const std::scoped_lock lock(mutex_);
      ++requests_;
      if (prepared_.empty()) {
        response = Handle(request, request.Path(), ParseForm(request.Query()));
      } else {
        response = std::move(prepared_.front());
        prepared_.pop_front();
      }
    }
    respond.Send(std::move(response));
  });
  if (!server.ok()) throw std::runtime_error("the scripted platform could not start");
  server_ = *std::move(server);
}

std::vector<TrueCall> ScriptedPlatform::Between(absl::Time from, absl::Time to) const {
  std::vector<TrueCall> found;
  for (const auto& [id, call] : calls_) {
    if (call.started_at >= from && call.started_at <= to) found.push_back(call);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const TrueCall& a, const TrueCall& b) { return a.started_at < b.started_at; });
  return found;
}

std::string ScriptedPlatform::Query(const Form& query, std::string_view name) const {
  return std::string(FindInForm(query, name).value_or(""));
}

http::Response Json(const nlohmann::json& body, int status) { return http::JsonResponse(status, body.dump()); }

std::string Decimal(int64_t amount) { return tracking::FormatAmount(amount); }

}  // namespace trunkline::tracking_conformance
