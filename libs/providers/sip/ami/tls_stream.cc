#include "libs/providers/sip/ami/tls_stream.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::providers::sip::ami {
namespace {

constexpr size_t kRecordSize = 16 * 1024;

absl::Status Failed(std::string_view what) {
  char text[256] = "";
  const unsigned long code = ERR_get_error();
  if (code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return absl::FailedPreconditionError(ToAbsl(Concat(what, text[0] == '\0' ? "" : ": ", text)));
}

bool IsIpAddress(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsStream>> TlsStream::Handshake(std::unique_ptr<Stream> under, const Endpoint& endpoint,
                                                                absl::Time deadline) {
  Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (context == nullptr) return Failed("TLS cannot be used");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  if (endpoint.verify) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const bool known = endpoint.ca_file.empty()
                           ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                           : SSL_CTX_load_verify_locations(context.get(), endpoint.ca_file.c_str(), nullptr) == 1;
    if (!known) return Failed("the list of certificate authorities cannot be read");
  }
  Session session(SSL_new(context.get()), &SSL_free);
  if (session == nullptr) return Failed("TLS cannot be used");
  if (IsIpAddress(endpoint.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), endpoint.host.c_str());
  } else {
    SSL_set_tlsext_host_name(session.get(), endpoint.host.c_str());
    SSL_set1_host(session.get(), endpoint.host.c_str());
  }
  // The session owns both.
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(session.get());

  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(under), std::move(context), std::move(session)));
  while (true) {
    ERR_clear_error();
    const int done = SSL_do_handshake(stream->session_.get());
    const int why = SSL_get_error(stream->session_.get(), done);
    TL_RETURN_IF_ERROR(stream->Flush(deadline));
    if (done == 1) return stream;
    if (why != SSL_ERROR_WANT_READ) {
      const long verdict = SSL_get_verify_result(stream->session_.get());
      if (verdict != X509_V_OK) return Failed(Concat("the certificate: ", X509_verify_cert_error_string(verdict)));
      return Failed("the TLS handshake");
    }
    TL_RETURN_IF_ERROR(stream->Fill(deadline));
  }
}

absl::Status TlsStream::Flush(absl::Time deadline) {
  BIO* const outgoing = SSL_get_wbio(session_.get());
  std::string bytes(static_cast<size_t>(BIO_pending(outgoing)), '\0');
  if (bytes.empty()) return absl::OkStatus();
  const int count = BIO_read(outgoing, bytes.data(), static_cast<int>(bytes.size()));
  if (count > 0) bytes.resize(static_cast<size_t>(count));
  return under_->Write(bytes, deadline);
}

absl::Status TlsStream::Fill(absl::Time deadline) {
  TL_ASSIGN_OR_RETURN(const std::string bytes, under_->Read(deadline));
  BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
  return absl::OkStatus();
}

absl::StatusOr<std::string> TlsStream::Read(absl::Time deadline) {
  std::string bytes(kRecordSize, '\0');
  while (true) {
    ERR_clear_error();
    const int count = SSL_read(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count > 0) {
      bytes.resize(static_cast<size_t>(count));
      return bytes;
    }
    if (SSL_get_error(session_.get(), count) != SSL_ERROR_WANT_READ) {
      return absl::UnavailableError("the connection was closed");
    }
    TL_RETURN_IF_ERROR(Flush(deadline));
    TL_RETURN_IF_ERROR(Fill(deadline));
  }
}

absl::Status TlsStream::Write(std::string_view bytes, absl::Time deadline) {
  while (!bytes.empty()) {
    ERR_clear_error();
    const int count = SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (SSL_get_error(session_.get(), count) != SSL_ERROR_WANT_READ) {
      return absl::UnavailableError("the connection was closed");
    } else {
      TL_RETURN_IF_ERROR(Fill(deadline));
    }
    TL_RETURN_IF_ERROR(Flush(deadline));
  }
  return absl::OkStatus();
}

}  // namespace trunkline::providers::sip::ami
