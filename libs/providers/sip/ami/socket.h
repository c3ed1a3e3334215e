// A TCP socket with deadlines.
#pragma once

#include <string>
#include <string_view>

#include "libs/providers/sip/ami/stream.h"

namespace trunkline::providers::sip::ami {

class Socket final : public Stream {
 public:
  static absl::StatusOr<std::unique_ptr<Socket>> Connect(const std::string& host, uint16_t port, absl::Time deadline,
                                                         const StopSignal* stop);
  ~Socket() override;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  absl::StatusOr<std::string> Read(absl::Time deadline) override;
  absl::Status Write(std::string_view bytes, absl::Time deadline) override;

 private:
  Socket(int descriptor, const StopSignal* stop) : descriptor_(descriptor), stop_(stop) {}
  absl::Status Wait(short events, absl::Time deadline) const;

  const int descriptor_;
  const StopSignal* const stop_;
};

}  // namespace trunkline::providers::sip::ami
