#include "libs/providers/sip/ami/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace trunkline::providers::sip::ami {

StopSignal::StopSignal() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
StopSignal::~StopSignal() { close(descriptor_); }

void StopSignal::Stop() { eventfd_write(descriptor_, 1); }

bool StopSignal::stopped() const {
  pollfd wanted = {.fd = descriptor_, .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, 0) == 1;
}

}  // namespace trunkline::providers::sip::ami
