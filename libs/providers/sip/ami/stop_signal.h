// Wakes a thread that waits for a connection, so that it ends at once.
#pragma once

namespace trunkline::providers::sip::ami {

class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Any thread; for good.
  void Stop();
  bool stopped() const;
  // Readable once it is stopped.
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace trunkline::providers::sip::ami
