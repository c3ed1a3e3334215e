#include "libs/accounts/account_watch.h"

#include <condition_variable>
#include <utility>
#include <vector>

#include "libs/base/backoff.h"
#include "libs/base/log.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::accounts {
namespace {

std::vector<providers::Account> AccountsOf(const v1::WatchWebhookAccountsResponse& response) {
  std::vector<providers::Account> out;
  for (const v1::WebhookAccount& account : response.accounts()) {
    out.push_back({.id = account.provider_account_id(),
                   .business_id = account.business_id(),
                   .provider = account.provider(),
                   .settings = {account.settings().begin(), account.settings().end()},
                   .credentials = {account.credentials().begin(), account.credentials().end()}});
  }
  return out;
}

}  // namespace

AccountWatch::AccountWatch(std::shared_ptr<grpc::Channel> channel, std::string service_token,
                           AccountDirectory& directory)
    : stub_(v1::WebhookAccountService::NewStub(std::move(channel))),
      service_token_(std::move(service_token)),
      directory_(directory),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

AccountWatch::~AccountWatch() {
  thread_.request_stop();
  thread_.join();
}

void AccountWatch::Run(const std::stop_token& stop) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(2));
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    if (WatchOnce(stop)) backoff.Reset();
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, absl::ToChronoMilliseconds(backoff.Next()), [] { return false; });
  }
}

bool AccountWatch::WatchOnce(const std::stop_token& stop) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + service_token_);
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  const auto reader = stub_->WatchWebhookAccounts(&context, {});
  v1::WatchWebhookAccountsResponse response;
  bool received = false;
  while (reader->Read(&response)) {
    received = true;
    directory_.Set(std::make_shared<const AccountSnapshot>(AccountsOf(response)));
    LogInfo("provider accounts received", {{"accounts", response.accounts_size()}});
  }
  directory_.Outdate();
  const absl::Status status = rpc::FromGrpc(reader->Finish());
  if (!stop.stop_requested()) LogWarning("the watch of provider accounts ended; trying again", {{"error", status}});
  return received;
}

}  // namespace trunkline::accounts
