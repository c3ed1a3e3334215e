// What the suite must know of a provider; everything else it learns from the provider itself. One file in cases/ makes
// one and registers it:
//
//   const bool kRegistered = RegisterCase(MakeCase);
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "libs/base/text.h"
#include "libs/providers/provider.h"
#include "tests/conformance/twin_process.h"

namespace trunkline::conformance {

// A call that the outside world is to start.
struct InboundStart {
  const providers::Provider& provider;
  const providers::Account& account;
  const TwinProcess& twin;
  std::string public_url;
  std::string from;
  std::string to;
};

// A code or word that the provider documents, and where it tells it: "API", "hangup code", "SIP response" ...
struct DocumentedCode {
  std::string where;
  std::string code;
};

// What the adapter makes of it.
struct CodeMeaning {
  calls::v1::CallError error;  // without a code: the call did not fail for it
  calls::v1::HangupCause cause = calls::v1::HANGUP_CAUSE_UNSPECIFIED;
};

struct ProviderCase {
  std::string provider;
  // For the twin's --twin-accounts; empty for a provider without one.
  std::string twin_accounts = {};
  // Settings and credentials that the twin accepts. `time_scale` is the twin's, for providers that have their own.
  std::function<void(const TwinProcess& twin, double time_scale, providers::Account* account)> fill_account;
  // Makes the credentials of the API wrong; unset for a provider without any.
  std::function<void(providers::Account* account)> spoil_credentials = {};
  // Makes the secret wrong that webhooks are signed with; unset for a provider that signs none.
  std::function<void(providers::Account* account)> spoil_secret = {};
  // Lets a call come in, gives the provider's id of it.
  std::function<std::string(const InboundStart& start)> start_inbound;
  // The number whose last two digits choose the story (tools/provider-twin/script.h).
  std::function<std::string(int story)> number = [](int story) {
    return Concat("+15550100", story < 10 ? "00" : "0", story);
  };
  std::string own_number = "+15550109999";
  // A webhook names a recording at once, but the provider's API only minutes later.
  bool lists_recordings_late = false;
  // The signature covers the body, or the URL where there is none.
  bool signs_content = true;
  // The legs that a plan dials tell of themselves, as calls with a parent_call_id.
  bool tells_dialed_legs = false;
  // Nothing but a member of a conference can be held: the provider has no hold for a call, only one for members. A call
  // joins a conference first, then.
  bool holds_members_only = false;
  // The provider tells the numbers of calls that were placed. An exchange shows them as its dialplan has made them; its
  // calls are known by call_id alone.
  bool tells_placed_numbers = true;
  // The provider refuses requests that come too fast. An exchange has no such limit.
  bool limits_requests = true;
  // For a provider that plays no plans: makes the account's next calls last, `joined` with somebody.
  std::function<void(bool joined, providers::Account* account)> make_lasting = {};
  // Whether such a call has been joined.
  std::function<bool(const TwinProcess& twin, const std::string& external_call_id)> is_joined = {};
  // Of a code in documented_codes/NAME.csv; nothing for one that the adapter does not know. Unset for a provider that
  // documents none.
  std::function<std::optional<CodeMeaning>(const DocumentedCode& code)> meaning_of = {};
  // For a provider whose news come over a link: has it send the webhooks that it may be told to send as well.
  std::function<void(const InboundStart& start)> send_webhooks = {};
};

// For the messages of failed tests.
inline void PrintTo(const ProviderCase& provider_case, std::ostream* out) { *out << provider_case.provider; }

// Before main(), where nobody could catch an exception: the suite ends if one is thrown.
bool RegisterCase(ProviderCase (*make)()) noexcept;
// In alphabetical order.
const std::vector<ProviderCase>& AllCases();

}  // namespace trunkline::conformance
