#include "libs/base/ids.h"

#include <cstring>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline {
namespace {

// A random UUID, drawn once for Trunkline; changing it would change every derived id.
constexpr std::string_view kNamespace = "\x8e\x1d\x0f\x5a\x3c\x44\x4b\x19\x9d\x27\x6a\x0e\x51\x77\xc2\xb8";

std::string Format(const unsigned char (&bytes)[16]) {
  const std::string hex = HexEncode({reinterpret_cast<const char*>(bytes), sizeof bytes});
  std::string out;
  out.reserve(36);
  for (size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out.push_back('-');
    out.push_back(hex[i]);
  }
  return out;
}

void SetVersion(unsigned char (&bytes)[16], unsigned char version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
}

// Random bytes drawn ahead, since OpenSSL's generator takes a lock for every draw. Each thread has its own.
class DrawnAhead {
 public:
  void Take(unsigned char* bytes, size_t count) {
    if (count > kDrawn) return static_cast<void>(std::memcpy(bytes, RandomBytes(count).data(), count));
    if (drawn_.size() - taken_ < count) {
      drawn_ = RandomBytes(kDrawn);
      taken_ = 0;
    }
    std::memcpy(bytes, drawn_.data() + taken_, count);
    taken_ += count;
  }

 private:
  static constexpr size_t kDrawn = 4096;
  std::string drawn_;
  size_t taken_ = 0;
};

}  // namespace

RandomSource SystemRandom() {
  return [](unsigned char* bytes, size_t count) {
    thread_local DrawnAhead drawn;
    drawn.Take(bytes, count);
  };
}

std::string NewUuid(absl::Time now, const RandomSource& random) {
  unsigned char bytes[16];
  const auto millis = static_cast<uint64_t>(absl::ToUnixMillis(now));
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(millis >> (40 - 8 * i));
  random(bytes + 6, 10);
  SetVersion(bytes, 7);
  return Format(bytes);
}

std::string UuidOfName(std::string_view kind, std::string_view name) {
  const std::string digest = Sha1(Concat(kNamespace, kind, '\0', name));
  unsigned char bytes[16];
  std::memcpy(bytes, digest.data(), sizeof bytes);
  SetVersion(bytes, 5);
  return Format(bytes);
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

UuidNumber NumberOfUuid(std::string_view text) {
  UuidNumber number;
  if (!IsUuid(text)) return number;
  int digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    uint64_t& half = digits++ < 16 ? number.high : number.low;
    half = half << 4 | static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return number;
}

}  // namespace trunkline
