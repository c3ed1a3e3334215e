// TLS over a socket (OpenSSL over memory, so that no write of the library can raise SIGPIPE).
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "libs/providers/sip/ami/stream.h"

namespace trunkline::providers::sip::ami {

class TlsStream final : public Stream {
 public:
  // FAILED_PRECONDITION when the other side's certificate does not hold, or cannot be checked.
  static absl::StatusOr<std::unique_ptr<TlsStream>> Handshake(std::unique_ptr<Stream> under, const Endpoint& endpoint,
                                                              absl::Time deadline);

  absl::StatusOr<std::string> Read(absl::Time deadline) override;
  absl::Status Write(std::string_view bytes, absl::Time deadline) override;

 private:
  using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
  using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

  TlsStream(std::unique_ptr<Stream> under, Context context, Session session)
      : under_(std::move(under)), context_(std::move(context)), session_(std::move(session)) {}

  // Sends what the library wants sent.
  absl::Status Flush(absl::Time deadline);
  // Gives the library more of what comes in.
  absl::Status Fill(absl::Time deadline);

  std::unique_ptr<Stream> under_;
  Context context_;
  Session session_;
};

}  // namespace trunkline::providers::sip::ami
