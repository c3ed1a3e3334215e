#include "tools/provider-twin/exotel/wire_format.h"

#include <algorithm>

#include "libs/base/crypto.h"
#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::twin::exotel {
namespace {

constexpr size_t kSidBytes = 16;
constexpr const char* kLocal = "%Y-%m-%d %H:%M:%S";

absl::TimeZone India() { return absl::FixedTimeZone(5 * 3600 + 1800); }

}  // namespace

std::string NewSid() { return HexEncode(RandomBytes(kSidBytes)); }

std::string LocalTime(absl::Time time) { return absl::FormatTime(kLocal, time, India()); }

std::string ZonedTime(absl::Time time) { return absl::FormatTime("%Y-%m-%d%ET%H:%M:%S%Ez", time, India()); }

std::string DateTime(absl::Time time) { return absl::FormatTime("%a, %d %b %Y %H:%M:%S", time, India()); }

std::optional<absl::Time> ReadLocalTime(std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(kLocal, ToAbsl(text), India(), &time, &error)) return std::nullopt;
  return time;
}

std::string National(std::string_view number) {
  const bool indian = number.size() == 13 && number.starts_with("+91");
  return indian ? Concat("0", number.substr(3)) : std::string(number);
}

std::string International(std::string_view number) {
  if (!AreDigits(number)) return std::string(number);
  if (number.size() == 11 && number.front() == '0') return Concat("+91", number.substr(1));
  if (number.size() == 10) return Concat("+91", number);
  return Concat("+", number);
}

std::string MultipartBody(const Form& form, std::string_view boundary) {
  std::string body;
  for (const auto& [name, value] : form) {
    body += Concat("--", boundary, "\r\nContent-Disposition: form-data; name=\"", name, "\"\r\n\r\n", value, "\r\n");
  }
  return Concat(body, "--", boundary, "--\r\n");
}

Form ReadMultipart(std::string_view content_type, std::string_view body) {
  constexpr std::string_view kBoundary = "boundary=";
  constexpr std::string_view kName = " name=\"";
  const size_t at = content_type.find(kBoundary);
  if (at == std::string_view::npos) return {};
  const std::string delimiter = Concat("\r\n--", content_type.substr(at + kBoundary.size()));
  const std::string text = Concat("\r\n", body);
  Form form;
  for (size_t start = text.find(delimiter); start != std::string::npos;) {
    const size_t next = text.find(delimiter, start + delimiter.size());
    if (next == std::string::npos) break;
    const std::string part = text.substr(start + delimiter.size(), next - start - delimiter.size());
    const size_t name = part.find(kName);
    const size_t head_end = part.find("\r\n\r\n");
    if (name != std::string::npos && head_end != std::string::npos && name < head_end) {
      const size_t name_start = name + kName.size();
      form.emplace_back(part.substr(name_start, part.find('"', name_start) - name_start), part.substr(head_end + 4));
    }
    start = next;
  }
  return form;
}

http::Response RestException(int status, std::string_view code, std::string_view message) {
  nlohmann::ordered_json exception = {{"Status", status}, {"Message", message}};
  if (!code.empty()) exception["Code"] = code;
  return http::JsonResponse(status, WriteJson(nlohmann::ordered_json{{"RestException", exception}}));
}

Webhook Notification(std::string_view kind, std::string_view call_sid, std::string_view url) {
  Webhook webhook;
  webhook.kind = kind;
  webhook.call_id = call_sid;
  webhook.url = url;
  webhook.retry = {.retries = 2,
                   .on_connect_failure = true,
                   .on_no_answer = true,
                   .on_4xx = true,
                   .on_5xx = true,
                   .connect_timeout = absl::Seconds(5),
                   .read_timeout = absl::Seconds(15),
                   .total_timeout = absl::Seconds(60)};
  return webhook;
}

}  // namespace trunkline::twin::exotel
