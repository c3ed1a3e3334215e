// An account at a simulated call-tracking platform: its secrets, its calls, its webhooks, and how it is treated.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/text.h"
#include "tools/provider-twin/rest_reply.h"
#include "tools/provider-twin/tracking/behaviour.h"
#include "tools/provider-twin/tracking/call_book.h"
#include "tools/provider-twin/tracking/catalogue.h"
#include "tools/provider-twin/tracking/request_windows.h"

namespace trunkline::twin::tracking {

// A webhook that is registered, over the API or by a person (the control API). One that was taken out stays, so that
// what was delivered keeps its place.
struct Hook {
  std::string id;
  std::string event;  // the platform's word
  std::string url;    // with the platform's tokens
  std::string method = "GET";
  std::string content_type = "application/json";
  std::string body;  // with tokens
  http::Headers headers;
  std::string name;
  std::vector<std::string> campaigns;  // that it is for; none: for all
  int64_t seconds = 0;                 // of Retreaver's timers
  bool is_timer = false;
  bool active = true;
};

struct Account {
  Account(std::string account_id, const CallIds& ids) : id(std::move(account_id)), book(ids) {}

  std::string id;                                  // company, subdomain, RA...
  std::map<std::string, std::string> credentials;  // as the platform names them
  std::string recording_key = "recording-secret";  // stands in the URLs of recordings
  Catalogue catalogue;
  CallBook book;
  std::vector<Hook> hooks;
  RequestWindows windows;
  Behaviour behaviour;
  std::deque<RestReply> prepared;  // the next requests are answered so
  int64_t last_id = 5000;          // of what is made over the API

  std::string Credential(const std::string& name) const {
    const auto found = credentials.find(name);
    return found == credentials.end() ? std::string() : found->second;
  }
  std::string NextId(std::string_view prefix = "") { return Concat(prefix, ++last_id); }
};

}  // namespace trunkline::twin::tracking
