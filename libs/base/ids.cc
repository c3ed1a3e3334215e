#include "libs/base/ids.h"

#include <array>
#include <cstring>

#include "libs/base/crypto.h"
#include "libs/base/text.h"

namespace trunkline {
namespace {

// A random UUID, drawn once for Trunkline; changing it would change every derived id.
constexpr std::string_view kNamespace = "\x8e\x1d\x0f\x5a\x3c\x44\x4b\x19\x9d\x27\x6a\x0e\x51\x77\xc2\xb8";

std::string Format(const unsigned char (&bytes)[16]) {
  static constexpr char kDigit[] = "0123456789abcdef";
  std::string out(36, '-');
  size_t at = 0;
  for (size_t i = 0; i < sizeof bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    out[at++] = kDigit[bytes[i] >> 4];
    out[at++] = kDigit[bytes[i] & 15];
  }
  return out;
}

void SetVersion(unsigned char (&bytes)[16], unsigned char version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
}

// The value of a lower-case hexadecimal digit; 255 for every other character.
constexpr std::array<uint8_t, 256> kDigits = [] {
  std::array<uint8_t, 256> digits{};
  digits.fill(255);
  for (uint8_t i = 0; i < 10; ++i) digits[static_cast<size_t>('0') + i] = i;
  for (uint8_t i = 0; i < 6; ++i) digits[static_cast<size_t>('a') + i] = static_cast<uint8_t>(10 + i);
  return digits;
}();

// Appends the digits of a part of a UUID to a number; a wrong one sets bits of `wrong` above the fourth.
void ReadDigits(std::string_view part, uint64_t* number, unsigned* wrong) {
  for (const char c : part) {
    const unsigned digit = kDigits[static_cast<unsigned char>(c)];
    *wrong |= digit;
    *number = *number << 4 | (digit & 15);
  }
}

// Every message has a dozen of these ids, so this is one pass.
bool Read(std::string_view text, UuidNumber* out) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
  unsigned wrong = 0;
  ReadDigits(text.substr(0, 8), &out->high, &wrong);
  ReadDigits(text.substr(9, 4), &out->high, &wrong);
  ReadDigits(text.substr(14, 4), &out->high, &wrong);
  ReadDigits(text.substr(19, 4), &out->low, &wrong);
  ReadDigits(text.substr(24, 12), &out->low, &wrong);
  return wrong < 16;
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
  UuidNumber number;
  return Read(text, &number);
}

UuidNumber NumberOfUuid(std::string_view text) {
  UuidNumber number;
  return Read(text, &number) ? number : UuidNumber();
}

}  // namespace trunkline
