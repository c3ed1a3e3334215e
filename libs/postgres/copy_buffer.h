// Rows for COPY ... FROM STDIN in its binary format, built in memory without a temporary per field. PostgreSQL takes
// them as they are, where it would have to parse text.
//
//   CopyBuffer rows;
//   rows.Uuid(id).Bigint(5).Null().EndRow();
//   transaction.Copy("COPY t (a, b, c) FROM STDIN (FORMAT binary)", rows);
//
// Each value must be of exactly its column's type: PostgreSQL converts nothing here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/ids.h"

namespace trunkline::postgres {

class CopyBuffer {
 public:
  // text. The bytes must be storable (IsStorableText), else PostgreSQL refuses all rows.
  CopyBuffer& Text(std::string_view text);
  CopyBuffer& TextOrNull(std::string_view text) { return text.empty() ? Null() : Text(text); }
  // text[]
  CopyBuffer& TextArray(const std::vector<std::string>& texts);
  // jsonb, as JSON text.
  CopyBuffer& Json(std::string_view json);
  CopyBuffer& Uuid(UuidNumber uuid);
  // NULL for a text that is no UUID.
  CopyBuffer& Uuid(std::string_view text) { return IsUuid(text) ? Uuid(NumberOfUuid(text)) : Null(); }
  CopyBuffer& Boolean(bool value);
  CopyBuffer& Integer(int32_t number);
  CopyBuffer& Bigint(int64_t number);
  // xid, as xmin is.
  CopyBuffer& TransactionId(uint32_t number) { return Integer(static_cast<int32_t>(number)); }
  // double precision
  CopyBuffer& Real(double number);
  // timestamptz; microseconds since 1970.
  CopyBuffer& Timestamp(int64_t micros);
  // bytea
  CopyBuffer& Bytes(std::string_view bytes) { return Text(bytes); }
  CopyBuffer& Null();
  void EndRow();

  bool empty() const { return data_.empty(); }
  // All rows, with the header and without the trailer of the format.
  const std::string& data() const { return data_; }
  // The trailer, which ends every file of the format.
  static std::string_view Trailer();

 private:
  void BeginField();

  std::string data_;
  size_t row_ = 0;  // where the row in hand begins, when it has fields
  int16_t fields_ = 0;
};

}  // namespace trunkline::postgres
