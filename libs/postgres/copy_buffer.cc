#include "libs/postgres/copy_buffer.h"

#include <charconv>

#include "libs/base/encoding.h"
#include "libs/postgres/parameter.h"

namespace trunkline::postgres {

void CopyBuffer::Separate() {
  if (row_begun_) data_.push_back('\t');
  row_begun_ = true;
}

CopyBuffer& CopyBuffer::Text(std::string_view text) {
  Separate();
  constexpr std::string_view kSpecial = "\\\t\n\r";
  for (size_t next = text.find_first_of(kSpecial); next != std::string_view::npos;
       next = text.find_first_of(kSpecial)) {
    data_.append(text, 0, next);
    data_.push_back('\\');
    switch (text[next]) {
      case '\t':
        data_.push_back('t');
        break;
      case '\n':
        data_.push_back('n');
        break;
      case '\r':
        data_.push_back('r');
        break;
      default:
        data_.push_back('\\');
    }
    text.remove_prefix(next + 1);
  }
  data_.append(text);
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
  Separate();
  data_ += "\\\\x";
  data_ += HexEncode(bytes);
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
