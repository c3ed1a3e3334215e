// SIP exchanges as a provider: Asterisk, and what is made of it (FreePBX and others), over its manager interface (AMI);
// any exchange over HTTP webhooks.
//
// Settings of an account
//   mode                 ami (default): a link hears everything and places calls. http: webhooks only. both.
//   ami_host, ami_port   5038, by TLS 5039
//   ami_tls              true or false; without it the host must be the machine itself, or ami_plain=true
//   ami_plain            true: a plain connection to another host is wanted all the same (a network of one's own)
//   ami_tls_verify       true; false is for the machine itself only
//   ami_ca_file          PEM file of the authorities that sign the exchange's certificate
//   dial_string          what is dialled for a number: "PJSIP/{number}@trunk", or an agent's phone: "PJSIP/202"
//   dial_context, dial_exten, dial_priority
//                        where the dialled channel goes on once it is answered; "s" and 1. With {number} in dial_exten
//                        the phone of dial_string rings first, and then the number is called.
//   number_format        digits (default) or e164: whether {number} has a '+'
//   transfer_context     where transfers find their target; dial_context
//   answer_context, answer_exten       where a ringing call that is answered goes on
//   hold_mode            redirect or park
//   hold_context, hold_exten, hold_wait_exten
//                        extensions with music for the customer, and with waiting for the other side
//   parking_lot          of hold_mode=park
//   conference_context   its extensions are conferences' names
//   recording_url        base of the URLs of recordings' files
//   extensions           patterns of the exchange's own extensions, with commas: "2XX,10XX"; X is any digit
//   pbx_id               by which webhooks on the legacy path name the exchange
//   default_region       "US": the country of numbers that are written nationally
//
// Credentials
//   ami_username, ami_secret           required unless mode is http
//   webhook_secret                     HMAC key of webhooks
//   webhook_token                      static token, to be used with an allow-list of addresses only
//   digest_username, digest_password   HTTP digest authentication
//
// An exchange sets TRUNKLINE_CALL_ID, and where wanted TRUNKLINE_RECORD, TRUNKLINE_DETECT_MACHINE and
// TRUNKLINE_TIME_LIMIT (seconds), as variables of the channels that are placed; its dialplan acts on them.
#pragma once

#include <memory>

#include "libs/providers/provider.h"

namespace trunkline::providers::sip {

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options);

}  // namespace trunkline::providers::sip
