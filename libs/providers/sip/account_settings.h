// The settings and credentials of an account (sip.h), read and checked by their form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"
#include "libs/providers/sip/ami/session.h"

namespace trunkline::providers::sip {

inline constexpr std::string_view kProviderName = "sip";
inline constexpr std::string_view kNumberPlaceholder = "{number}";

// What is wrong with an account, without asking anybody.
std::vector<AccountProblem> CheckAccountForm(const Account& account);

// Whether the account has a manager connection.
bool UsesManager(const Account& account);
// Whether the account takes webhooks.
bool UsesWebhooks(const Account& account);

ami::Endpoint EndpointOf(const Account& account);
ami::Login LoginOf(const Account& account, std::string_view events);

// A setting, or what it is when it is not set.
std::string SettingOr(const Account& account, std::string_view name, std::string_view otherwise);

// The number as the exchange wants it dialled.
std::string NumberToDial(const Account& account, std::string_view e164);
// `pattern` with the number in its place.
std::string FillIn(std::string_view pattern, std::string_view number);
// Base of the recordings' URLs with a slash at its end; empty when there is none.
std::string RecordingUrlOf(const Account& account);
// True when the account's patterns say that this is an extension of the exchange.
bool IsOwnExtension(std::string_view patterns, std::string_view text);
// The phone of an agent rings before the number is called.
bool RingsAgentFirst(const Account& account);

}  // namespace trunkline::providers::sip
