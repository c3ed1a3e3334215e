// The one way in which anything is written to a manager connection.
//
//   Action action("Hangup");
//   action.Add("Channel", name).Add("Cause", "16");
//   TL_ASSIGN_OR_RETURN(std::string bytes, action.Render(action_id));
//
// Each field has its rule (rules.h) by the action and its key; a field without a rule cannot be written at all. So
// nothing that a client, a caller or an exchange said can start a line, an action, a second destination or a dialplan
// function.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace trunkline::providers::sip::ami {

class Action {
 public:
  explicit Action(std::string_view name) : name_(name) {}

  Action& Add(std::string_view key, std::string_view value);

  const std::string& name() const { return name_; }
  // As it is sent. INVALID_ARGUMENT names the field that breaks its rule, and never its value.
  absl::StatusOr<std::string> Render(std::string_view action_id) const;

 private:
  std::string name_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace trunkline::providers::sip::ami
