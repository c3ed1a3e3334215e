#include "libs/postgres/copy_buffer.h"

#include <bit>

#include "libs/postgres/binary_format.h"

namespace trunkline::postgres {
namespace {

// The format's signature, no flags, no extension.
constexpr std::string_view kHeader("PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0", 19);
// 2000-01-01, from which PostgreSQL counts, in microseconds since 1970.
constexpr int64_t kEpochMicros = 946'684'800'000'000;

}  // namespace

void CopyBuffer::BeginField() {
  if (fields_++ > 0) return;
  if (data_.empty()) data_ = kHeader;
  row_ = data_.size();
  AppendNumber<int16_t>(0, &data_);  // EndRow puts the number of fields here
}

CopyBuffer& CopyBuffer::Text(std::string_view text) {
  BeginField();
  AppendNumber(static_cast<int32_t>(text.size()), &data_);
  data_.append(text);
  return *this;
}

CopyBuffer& CopyBuffer::TextArray(const std::vector<std::string>& texts) {
  std::string array;
  AppendArrayHeader(ElementType::kText, texts.size(), &array);
  for (const std::string& text : texts) {
    AppendNumber(static_cast<int32_t>(text.size()), &array);
    array.append(text);
  }
  return Text(array);
}

CopyBuffer& CopyBuffer::Json(std::string_view json) {
  BeginField();
  AppendNumber(static_cast<int32_t>(json.size() + 1), &data_);
  data_.push_back('\1');  // the version of the format of jsonb
  data_.append(json);
  return *this;
}

CopyBuffer& CopyBuffer::Uuid(UuidNumber uuid) {
  BeginField();
  AppendNumber<int32_t>(16, &data_);
  AppendUuid(uuid, &data_);
  return *this;
}

CopyBuffer& CopyBuffer::Boolean(bool value) {
  BeginField();
  AppendNumber<int32_t>(1, &data_);
  data_.push_back(value ? '\1' : '\0');
  return *this;
}

CopyBuffer& CopyBuffer::Integer(int32_t number) {
  BeginField();
  AppendNumber<int32_t>(sizeof number, &data_);
  AppendNumber(number, &data_);
  return *this;
}

CopyBuffer& CopyBuffer::Bigint(int64_t number) {
  BeginField();
  AppendNumber<int32_t>(sizeof number, &data_);
  AppendNumber(number, &data_);
  return *this;
}

CopyBuffer& CopyBuffer::Real(double number) { return Bigint(std::bit_cast<int64_t>(number)); }

CopyBuffer& CopyBuffer::Timestamp(int64_t micros) { return Bigint(micros - kEpochMicros); }

CopyBuffer& CopyBuffer::Null() {
  BeginField();
  AppendNumber<int32_t>(-1, &data_);
  return *this;
}

void CopyBuffer::EndRow() {
  data_[row_] = static_cast<char>(fields_ >> 8);
  data_[row_ + 1] = static_cast<char>(fields_);
  fields_ = 0;
}

std::string_view CopyBuffer::Trailer() { return "\xFF\xFF"; }

}  // namespace trunkline::postgres
