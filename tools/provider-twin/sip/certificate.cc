#include "tools/provider-twin/sip/certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace trunkline::twin::sip {
namespace {

constexpr long kLifetimeSeconds = 30L * 24 * 3600;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

bool AddExtension(X509* certificate, int kind, const char* value) {
  std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value), &X509_EXTENSION_free);
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

}  // namespace

absl::StatusOr<Certificate> MakeCertificate() {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const X509Ptr certificate(X509_new(), &X509_free);
  const Bio certificate_text(BIO_new(BIO_s_mem()), &BIO_free);
  const Bio key_text(BIO_new(BIO_s_mem()), &BIO_free);
  if (key == nullptr || certificate == nullptr || certificate_text == nullptr || key_text == nullptr) {
    return absl::InternalError("no certificate can be made");
  }
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLifetimeSeconds);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("provider-twin"), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), name);
  const bool made = AddExtension(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1") &&
                    AddExtension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE") &&
                    X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0 &&
                    PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1 &&
                    PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!made) return absl::InternalError("no certificate can be made");
  return Certificate{TextOf(certificate_text.get()), TextOf(key_text.get())};
}

}  // namespace trunkline::twin::sip
