#include "libs/postgres/copy_buffer.h"

#include <charconv>

#include "libs/postgres/parameter.h"

namespace trunkline::postgres {

void CopyBuffer::Separate() {
  if (row_begun_) data_.push_back('\t');
  row_begun_ = true;
}

CopyBuffer& CopyBuffer::Text(std::string_view text) {
  Separate();
  for (const char c : text) {
    switch (c) {
      case '\\':
        data_ += "\\\\";
        break;
      case '\t':
        data_ += "\\t";
        break;
      case '\n':
        data_ += "\\n";
        break;
      case '\r':
        data_ += "\\r";
        break;
      default:
        data_.push_back(c);
    }
  }
  return *this;
}

CopyBuffer& CopyBuffer::Integer(int64_t number) {
  Separate();
  char digits[24];
  data_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  return *this;
}

CopyBuffer& CopyBuffer::Real(double number) {
  Separate();
  char digits[40];
  data_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  return *this;
}

CopyBuffer& CopyBuffer::Timestamp(int64_t micros) {
  Separate();
  data_ += FormatTimestamp(micros);
  return *this;
}

CopyBuffer& CopyBuffer::Bytes(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  Separate();
  data_ += "\\\\x";
  for (const char c : bytes) {
    data_.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    data_.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return *this;
}

CopyBuffer& CopyBuffer::Null() {
  Separate();
  data_ += "\\N";
  return *this;
}

void CopyBuffer::EndRow() {
  data_.push_back('\n');
  row_begun_ = false;
}

void CopyBuffer::Clear() {
  data_.clear();
  row_begun_ = false;
}

}  // namespace trunkline::postgres
