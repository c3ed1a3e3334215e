#include "libs/providers/sip/ami/stream.h"

#include "libs/base/status.h"
#include "libs/providers/sip/ami/socket.h"
#include "libs/providers/sip/ami/tls_stream.h"

namespace trunkline::providers::sip::ami {

absl::StatusOr<std::unique_ptr<Stream>> Connect(const Endpoint& endpoint, absl::Time deadline, const StopSignal* stop) {
  TL_ASSIGN_OR_RETURN(std::unique_ptr<Stream> stream, Socket::Connect(endpoint.host, endpoint.port, deadline, stop));
  if (!endpoint.tls) return stream;
  return TlsStream::Handshake(std::move(stream), endpoint, deadline);
}

}  // namespace trunkline::providers::sip::ami
