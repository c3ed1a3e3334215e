// Rows for COPY ... FROM STDIN in its text format, built in memory without a temporary per field.
//
//   CopyBuffer rows;
//   rows.Text(id).Integer(5).Null().EndRow();
//   transaction.Copy("COPY t (a, b, c) FROM STDIN", rows);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::postgres {

class CopyBuffer {
 public:
  CopyBuffer& Text(std::string_view text);
  CopyBuffer& TextOrNull(std::string_view text) { return text.empty() ? Null() : Text(text); }
  CopyBuffer& Integer(int64_t number);
  CopyBuffer& Real(double number);
  // Microseconds since 1970.
  CopyBuffer& Timestamp(int64_t micros);
  CopyBuffer& Bytes(std::string_view bytes);
  CopyBuffer& Null();
  void EndRow();

  void Clear();
  bool empty() const { return data_.empty(); }
  const std::string& data() const { return data_; }

 private:
  void Separate();

  std::string data_;
  bool row_begun_ = false;
};

}  // namespace trunkline::postgres
