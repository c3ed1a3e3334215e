// For tests: a store of outcomes and a gateway that do as they are told.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/calls/gateway.h"
#include "services/campaign-scheduler/store/outcome_store.h"

namespace trunkline::scheduler {

// Thread-safe.
class FakeOutcomeStore final : public OutcomeStore {
 public:
  // What is kept, or why nothing is.
  void Answer(absl::Status answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  void AddPlan(const std::string& business_id, const std::string& attempt_id, AttemptPlan plan) {
    const std::lock_guard lock(mutex_);
    plans_[{business_id, attempt_id}] = std::move(plan);
  }
  bool AwaitKept(size_t wanted, absl::Duration patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoMilliseconds(patience), [&] { return kept_.size() >= wanted; });
  }
  bool AwaitRefused(int wanted, absl::Duration patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoMilliseconds(patience), [&] { return refused_ >= wanted; });
  }
  // The attempts whose outcomes are kept.
  std::vector<std::string> kept() {
    const std::lock_guard lock(mutex_);
    return kept_;
  }

  absl::StatusOr<int64_t> Keep(const std::vector<ToldOutcome>& outcomes) override {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
    if (!answer_.ok()) {
      ++refused_;
      return answer_;
    }
    for (const ToldOutcome& outcome : outcomes) kept_.push_back(outcome.outcome.attempt_id);
    return static_cast<int64_t>(outcomes.size());
  }
  absl::StatusOr<AttemptPlan> PlanOf(const std::string& business_id, const std::string& attempt_id) override {
    const std::lock_guard lock(mutex_);
    if (!answer_.ok()) return answer_;
    const auto found = plans_.find({business_id, attempt_id});
    if (found == plans_.end()) return absl::NotFoundError("no such attempt");
    return found->second;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status answer_;
  int refused_ = 0;
  std::vector<std::string> kept_;
  std::map<std::pair<std::string, std::string>, AttemptPlan> plans_;
};

// Answers at once, and remembers what it did: "end business call", "update business call Hello".
class FakeGateway final : public Gateway {
 public:
  void Answer(absl::Status answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  std::vector<std::string> done() {
    const std::lock_guard lock(mutex_);
    return done_;
  }

  void InitiateCall(const std::string& /*business_id*/, const control::v1::InitiateCallRequest& /*request*/,
                    std::function<void(absl::StatusOr<control::v1::Call>)> done) override {
    done(absl::UnimplementedError("not for here"));
  }
  void FindDial(const std::string& /*business_id*/, const std::string& /*request_id*/,
                std::function<void(absl::StatusOr<FoundDial>)> done) override {
    done(absl::UnimplementedError("not for here"));
  }
  void InquireCall(const std::string& /*business_id*/, const std::string& /*call_id*/,
                   std::function<void(absl::StatusOr<bool>)> done) override {
    done(absl::UnimplementedError("not for here"));
  }
  void EndCall(const std::string& business_id, const std::string& call_id,
               std::function<void(absl::Status)> done) override {
    done(Note(Concat("end ", business_id, " ", call_id)));
  }
  void UpdateCall(const std::string& business_id, const std::string& call_id, const plans::v1::CallPlan& plan,
                  std::function<void(absl::Status)> done) override {
    done(Note(Concat("update ", business_id, " ", call_id, " ", plan.verbs(0).say().text())));
  }

 private:
  absl::Status Note(std::string what) {
    const std::lock_guard lock(mutex_);
    done_.push_back(std::move(what));
    return answer_;
  }

  std::mutex mutex_;
  absl::Status answer_;
  std::vector<std::string> done_;
};

}  // namespace trunkline::scheduler
