// Reads one HTTP/1 request out of the bytes of a connection, straight into a Request. Internal to the server: it
// includes Beast, which compiles slowly.
#pragma once

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "libs/base/text.h"
#include "libs/http/message.h"

namespace trunkline::http {

class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser(size_t max_header_bytes, size_t max_body_bytes) : max_header_bytes_(max_header_bytes) {
    header_limit(static_cast<std::uint32_t>(max_header_bytes));
    body_limit(max_body_bytes);
    eager(true);
  }

  // Beast bounds only what is not parsed yet, so that a header may grow without end as long as its lines come one by
  // one.
  bool HeaderTooLarge(size_t unparsed_bytes) const {
    return !is_header_done() && header_bytes_ + unparsed_bytes > max_header_bytes_;
  }
  bool ExpectsContinue() const { return expects_continue_; }
  bool HasBodyBytes() const { return !request_.body.empty(); }
  const std::string& Method() const { return request_.method; }
  int minor_version() const { return minor_version_; }  // of HTTP/1
  Request TakeRequest() { return std::move(request_); }

 private:
  using Text = boost::beast::string_view;
  using Error = boost::beast::error_code;
  static constexpr size_t kLargestReserve = 64 * 1024;

  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version, Error& error) override {
    request_.method.assign(method.data(), method.size());
    request_.target.assign(target.data(), target.size());
    minor_version_ = version % 10;
    request_.headers.reserve(12);
    CountHeader(method.size() + target.size(), error);
  }
  void on_response_impl(int, Text, int, Error&) override {}
  void on_field_impl(boost::beast::http::field field, Text name, Text value, Error& error) override {
    // Trailers could otherwise smuggle in a header that was checked already.
    if (header_done_) return;
    std::string key(name.data(), name.size());
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (field == boost::beast::http::field::expect) {
      expects_continue_ = EqualsIgnoreCase({value.data(), value.size()}, "100-continue");
    }
    if (field == boost::beast::http::field::transfer_encoding) coded_ = true;
    request_.headers.emplace_back(std::move(key), std::string(value.data(), value.size()));
    CountHeader(name.size() + value.size(), error);
  }
  void on_header_impl(Error& error) override {
    header_done_ = true;
    // A body in a coding that is not chunked has no end that both sides agree on: the way of request smuggling.
    if (coded_ && !chunked()) error = boost::beast::http::error::bad_transfer_encoding;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error&) override {
    // The announced length is only believed up to a point: announcing costs the client nothing.
    if (length) request_.body.reserve(std::min<size_t>(*length, kLargestReserve));
  }
  size_t on_body_impl(Text body, Error&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
  size_t on_chunk_body_impl(std::uint64_t, Text body, Error&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(Error&) override {}

  void CountHeader(size_t bytes, Error& error) {
    header_bytes_ += bytes + 4;  // separators and line end
    if (header_bytes_ > max_header_bytes_) error = boost::beast::http::error::header_limit;
  }

  size_t max_header_bytes_;
  size_t header_bytes_ = 0;
  bool header_done_ = false;
  bool expects_continue_ = false;
  bool coded_ = false;
  int minor_version_ = 1;
  Request request_;
};

}  // namespace trunkline::http
