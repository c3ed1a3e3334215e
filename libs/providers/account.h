// A provider account in memory, credentials in clear. Never logged.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace trunkline::providers {

struct Account {
  std::string id;           // provider_account_id, UUID
  std::string business_id;  // UUID
  std::string provider;     // "mock", ...
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> credentials;

  // Empty when there is no such setting or credential.
  std::string Setting(std::string_view name) const;
  std::string Credential(std::string_view name) const;
};

}  // namespace trunkline::providers
