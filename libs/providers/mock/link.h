// News of one account's calls, handed on by a thread of the link.
#pragma once

#include <memory>
#include <thread>

#include "libs/providers/mock/exchange.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

class Link final : public EventLink {
 public:
  // `exchange` and `sink` outlive the link.
  Link(Exchange& exchange, const Account& account, LinkSink& sink);
  ~Link() override;

 private:
  Exchange& exchange_;
  std::shared_ptr<NewsQueue> queue_;
  std::thread thread_;
};

}  // namespace trunkline::providers::mock
