// Keeps an AccountDirectory up to date from the gateway. With the gateway away the last snapshot stays in force.
//
//   accounts::AccountDirectory directory;
//   accounts::AccountWatch watch(rpc::MakeChannel(gateway_address), service_token, directory);
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "libs/accounts/account_directory.h"
#include "trunkline/accounts/v1/webhook_account_service.grpc.pb.h"

namespace trunkline::accounts {

class AccountWatch {
 public:
  // Begins at once, on a thread of its own. The directory outlives the watch.
  AccountWatch(std::shared_ptr<grpc::Channel> channel, std::string service_token, AccountDirectory& directory);
  ~AccountWatch();

 private:
  void Run(const std::stop_token& stop);
  // Until the stream ends. True when there was a snapshot in it.
  bool WatchOnce(const std::stop_token& stop);

  std::unique_ptr<v1::WebhookAccountService::Stub> stub_;
  std::string service_token_;
  AccountDirectory& directory_;
  std::jthread thread_;
};

}  // namespace trunkline::accounts
