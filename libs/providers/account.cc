#include "libs/providers/account.h"

namespace trunkline::providers {
namespace {

std::string Find(const std::map<std::string, std::string>& values, std::string_view name) {
  const auto found = values.find(std::string(name));
  return found == values.end() ? std::string() : found->second;
}

}  // namespace

std::string Account::Setting(std::string_view name) const { return Find(settings, name); }
std::string Account::Credential(std::string_view name) const { return Find(credentials, name); }

}  // namespace trunkline::providers
