#include "libs/http/client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/text.h"

namespace trunkline::http {
namespace {

// A connection that was idle for longer is not used again: the server may have closed it without our knowing yet.
constexpr long kLongestIdleSeconds = 30;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// What happened during one transfer.
struct Transfer {
  size_t max_body_bytes = 0;
  bool may_repeat = false;  // the request changes nothing, so that libcurl may send it again
  int times_begun = 0;
  const std::function<bool(const IpAddress&)>* may_connect = nullptr;
  bool forbidden = false;
  bool too_large = false;
  Response response;

  // Of Receive().
  const BodySink* sink = nullptr;
  bool head_told = false;
  bool sink_takes = false;
  bool sink_refused = false;
  bool stalled = false;
  absl::Duration patience;
  std::chrono::steady_clock::time_point last_progress;
};

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Called when the connection stands, right before the request is written. When an old connection turns out dead,
// libcurl sends the request again on a new one; the server may have carried out the first by then, and a call would be
// dialled twice. So the second beginning is refused, and the caller learns that the outcome is unknown.
int OnBegin(void* context, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(context);
  ++transfer.times_begun;
  return transfer.times_begun > 1 && !transfer.may_repeat ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

size_t OnHeader(char* data, size_t size, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view line(data, size * count);
  transfer.last_progress = std::chrono::steady_clock::now();
  // A new status line: what came before belongs to an interim answer.
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();
    transfer.response.status =
        static_cast<int>(ParseInt(line.substr(std::min(line.size(), line.find(' ') + 1), 3)).value_or(0));
  }
  // Trailers end with an empty line too.
  const bool is_end = Trim(line).empty() && transfer.response.status >= 200;
  if (is_end && transfer.sink != nullptr && !transfer.head_told) {
    transfer.head_told = true;
    transfer.sink_takes = transfer.sink->on_head(transfer.response);
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    transfer.response.headers.emplace_back(Lower(line.substr(0, colon)), std::string(Trim(line.substr(colon + 1))));
  }
  return line.size();
}

size_t OnBody(char* data, size_t size, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const size_t bytes = size * count;
  if (transfer.sink_takes) {
    transfer.sink_refused = !transfer.sink->on_piece({data, bytes});
    // The time that the sink took is not the other side's.
    transfer.last_progress = std::chrono::steady_clock::now();
    return transfer.sink_refused ? CURL_WRITEFUNC_ERROR : bytes;
  }
  if (transfer.response.body.size() + bytes > transfer.max_body_bytes) {
    transfer.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  transfer.response.body.append(data, bytes);
  return bytes;
}

// Called about once a second, and whenever something comes.
int OnProgress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(context);
  const auto silence = std::chrono::steady_clock::now() - transfer.last_progress;
  transfer.stalled = silence > absl::ToChronoNanoseconds(transfer.patience);
  return transfer.stalled ? 1 : 0;
}

// The address in the form that IpAddress reads; nothing for what is no Internet address.
std::optional<IpAddress> AddressOf(const curl_sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const void* bytes = nullptr;
  sockaddr_in ipv4 = {};
  sockaddr_in6 ipv6 = {};
  if (address.family == AF_INET) {
    std::memcpy(&ipv4, &address.addr, sizeof ipv4);
    bytes = &ipv4.sin_addr;
  } else if (address.family == AF_INET6) {
    std::memcpy(&ipv6, &address.addr, sizeof ipv6);
    bytes = &ipv6.sin6_addr;
  }
  if (bytes == nullptr || inet_ntop(address.family, bytes, text.data(), text.size()) == nullptr) return std::nullopt;
  return IpAddress::Parse(text.data());
}

// The address is looked at where the connection is made, since a name can resolve differently from one moment to the
// next.
curl_socket_t OnOpenSocket(void* context, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::optional<IpAddress> peer = AddressOf(*address);
  if (!peer.has_value() || !(*transfer.may_connect)(*peer)) {
    transfer.forbidden = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

absl::Status CheckRequest(const ClientRequest& request) {
  const std::string scheme = Lower(std::string_view(request.url).substr(0, request.url.find(':')));
  if ((scheme != "http" && scheme != "https") || request.url.find("://") != scheme.size()) {
    return absl::InvalidArgumentError("the URL must start with http:// or https://");
  }
  if (HasControlCharacter(request.url) || request.url.find(' ') != std::string::npos) {
    return absl::InvalidArgumentError("the URL contains a space or a control character");
  }
  if (request.method.empty() || HasControlCharacter(request.method) || request.method.find(' ') != std::string::npos) {
    return absl::InvalidArgumentError("the method is no HTTP method");
  }
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || name.find(':') != std::string::npos || HasControlCharacter(name) ||
        HasControlCharacter(value)) {
      return absl::InvalidArgumentError(Concat("a header is not well-formed: ", ToStorableText(name)));
    }
  }
  return absl::OkStatus();
}

void Append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  [[maybe_unused]] curl_slist* same = list.release();
  list.reset(longer);
}

HeaderList RenderHeaders(const ClientRequest& request) {
  HeaderList list;
  for (const auto& [name, value] : request.headers) {
    // libcurl's way to write a header without a value.
    Append(list, value.empty() ? name + ";" : Concat(name, ": ", value));
  }
  // libcurl adds these by itself: the first costs a round trip, the second would claim a form.
  if (FindHeader(request.headers, "expect").empty()) Append(list, "Expect:");
  if (FindHeader(request.headers, "content-type").empty()) Append(list, "Content-Type:");
  return list;
}

long Milliseconds(absl::Duration duration) {
  // Zero would mean "no limit" to libcurl.
  return std::clamp<long>(absl::ToInt64Milliseconds(duration), 1, 24L * 3600 * 1000);
}

absl::Status ToStatus(CURLcode code, const Transfer& transfer, std::string_view detail) {
  const std::string text = detail.empty() ? curl_easy_strerror(code) : std::string(detail);
  if (transfer.too_large) {
    return absl::OutOfRangeError(Concat("the answer is larger than ", transfer.max_body_bytes, " bytes"));
  }
  if (transfer.sink_refused) return absl::CancelledError("no more of the answer is wanted");
  if (transfer.stalled && transfer.times_begun > 0) return absl::DeadlineExceededError("nothing came for too long");
  if (transfer.times_begun == 0 && transfer.forbidden) {
    return absl::UnavailableError("connections to the address of this host are not allowed");
  }
  if (transfer.times_begun == 0) {
    const bool no_url = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    return no_url ? absl::InvalidArgumentError(text) : absl::UnavailableError(text);
  }
  if (code == CURLE_OPERATION_TIMEDOUT) return absl::DeadlineExceededError(text);
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return absl::UnknownError("the connection broke before an answer came; the request was not sent again");
  }
  return absl::UnknownError(text);
}

void InitializeOnce() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(result);  // without it, curl_easy_init() fails, which is handled
}

}  // namespace

class Client::Impl {
 public:
  explicit Impl(ClientOptions options) : options_(std::move(options)) { InitializeOnce(); }

  absl::StatusOr<Response> Send(const ClientRequest& request, const BodySink* sink) {
    if (absl::Status status = CheckRequest(request); !status.ok()) return status;
    EasyHandle handle = TakeHandle();
    if (handle == nullptr) return absl::UnavailableError("libcurl cannot be initialised");

    Transfer transfer;
    transfer.max_body_bytes = options_.max_body_bytes;
    transfer.sink = sink;
    transfer.patience = request.timeout;
    transfer.last_progress = std::chrono::steady_clock::now();
    transfer.may_connect = &options_.may_connect;
    transfer.may_repeat = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
    std::array<char, CURL_ERROR_SIZE> detail = {};
    const HeaderList headers = RenderHeaders(request);
    Prepare(handle.get(), request, headers.get(), transfer, detail.data());
    const CURLcode code = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    // Drops the pointers into this frame; the connections stay.
    curl_easy_reset(handle.get());
    GiveBack(std::move(handle));

    if (code != CURLE_OK) return ToStatus(code, transfer, detail.data());
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
  }

 private:
  EasyHandle TakeHandle() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        // The last one given back has the connection that is most likely still open.
        EasyHandle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    return EasyHandle(curl_easy_init());
  }

  void GiveBack(EasyHandle handle) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

  void Prepare(CURL* handle, const ClientRequest& request, curl_slist* headers, Transfer& transfer, char* detail) {
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    // Where requests go is said by the configuration alone, not by http_proxy in the environment.
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, kLongestIdleSeconds);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(options_.connect_timeout));
    if (transfer.sink == nullptr) {
      curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, Milliseconds(request.timeout));
    } else {
      curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
      curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, OnProgress);
      curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
    }
    curl_easy_setopt(handle, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, OnBegin);
    curl_easy_setopt(handle, CURLOPT_PREREQDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, OnHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    if (options_.may_connect != nullptr) {
      curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, OnOpenSocket);
      curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
    }
    if (!request.username.empty() || !request.password.empty()) {
      curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      curl_easy_setopt(handle, CURLOPT_USERNAME, request.username.c_str());
      curl_easy_setopt(handle, CURLOPT_PASSWORD, request.password.c_str());
    }
    if (request.method == "HEAD") {
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else if (request.method == "POST" || !request.body.empty()) {
      curl_easy_setopt(handle, CURLOPT_POST, 1L);
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
    }
    if (request.method != "HEAD") curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  const ClientOptions options_;
  std::mutex mutex_;
  std::vector<EasyHandle> idle_;
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

absl::StatusOr<Response> Client::Send(const ClientRequest& request) { return impl_->Send(request, nullptr); }

absl::StatusOr<Response> Client::Receive(const ClientRequest& request, const BodySink& sink) {
  return impl_->Send(request, &sink);
}

}  // namespace trunkline::http
