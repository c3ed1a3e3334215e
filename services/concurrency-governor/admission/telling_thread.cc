#include "services/concurrency-governor/admission/telling_thread.h"

#include <utility>

namespace trunkline::governor {

TellingThread::TellingThread() : thread_([this] { Run(); }) {}

TellingThread::~TellingThread() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void TellingThread::Tell(std::function<void()> news) {
  {
    const std::lock_guard lock(mutex_);
    untold_.push_back(std::move(news));
  }
  changed_.notify_all();
}

void TellingThread::Finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return untold_.empty() && !telling_; });
}

void TellingThread::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stops_ || !untold_.empty(); });
    if (untold_.empty()) return;
    const std::function<void()> news = std::move(untold_.front());
    untold_.pop_front();
    telling_ = true;
    lock.unlock();
    news();
    lock.lock();
    telling_ = false;
    if (untold_.empty()) changed_.notify_all();
  }
}

}  // namespace trunkline::governor
