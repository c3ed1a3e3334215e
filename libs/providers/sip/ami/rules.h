// What may be written into each field of an action. The protocol has no escaping, and the dialplan may expand what it
// is given later; so values that do not match are refused, never cleaned up.
#pragma once

#include <string_view>

namespace trunkline::providers::sip::ami {

// Valid UTF-8 without control characters: what any key and value must be.
bool IsPlainText(std::string_view text);

// An optional '+' and 2 to 20 digits.
bool IsNumber(std::string_view text);
// A number or internal extension as the dialplan has it: letters, digits and _-+*#, at most 79.
bool IsExtension(std::string_view text);
// The name of a context, queue, parking lot ...: letters, digits and _-, at most 79.
bool IsContext(std::string_view text);
// 1 to 9999, or a label.
bool IsPriority(std::string_view text);
// What Originate dials: PJSIP, SIP or Local, one destination and nothing that the dialplan could take for more.
bool IsDialString(std::string_view text);
// The name of a channel that exists, in full. Never one that begins with '/', which Hangup takes for a pattern.
bool IsChannelName(std::string_view text);
// A channel id that we choose.
bool IsChannelId(std::string_view text);
bool IsActionId(std::string_view text);
// <number>, or "name" <number>.
bool IsCallerId(std::string_view text);
// TRUNKLINE_NAME: no other variable is ever set, and none with parentheses, which would call a dialplan function.
bool IsVariableName(std::string_view text);
bool IsVariableValue(std::string_view text);
// NAME=value.
bool IsAssignment(std::string_view text);
// A plain file name of a sound file. The server joins file, options and a shell command with commas.
bool IsRecordingFile(std::string_view text);
// One key of a telephone.
bool IsDtmfDigit(std::string_view text);

}  // namespace trunkline::providers::sip::ami
