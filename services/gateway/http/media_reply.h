// The sound of a recording as an answer of HTTP: whole, or the one range that was asked for.
#pragma once

#include <string_view>

#include "libs/http/message.h"
#include "libs/providers/recording_client.h"

namespace trunkline::gateway {

// `range` is the header Range of the request; several ranges, and what is none, are answered with the whole. What a
// provider calls anything but sound is sent as bytes that no browser shows.
http::Response MediaReply(providers::RecordingMedia media, std::string_view recording_id, std::string_view range);

}  // namespace trunkline::gateway
