#include "libs/telephony/call_plan_checks.h"

#include <algorithm>
#include <string>

#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::telephony {
namespace {

using plans::v1::CallPlan;
using plans::v1::Verb;

constexpr size_t kLargestPlan = 64 * 1024;
constexpr int kMostVerbs = 100;
constexpr int kMostSteps = 100;
constexpr int kMostBranches = 50;
constexpr int kMostTargets = 10;
constexpr size_t kLongestText = 4'096;
constexpr size_t kLongestUrl = 2'048;
constexpr size_t kLongestName = 128;
constexpr absl::Duration kLongestTime = absl::Hours(24);

bool IsStepName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool IsKeys(std::string_view keys, std::string_view allowed) {
  return keys.find_first_not_of(allowed) == std::string_view::npos;
}

class PlanChecker {
 public:
  PlanChecker(const CallPlan& plan, FieldChecks& checks) : plan_(plan), checks_(checks) {}

  void Check(const std::string& field) {
    checks_.Require(plan_.ByteSizeLong() <= kLargestPlan, field, "must have at most 64 KiB");
    Verbs(plan_.verbs(), field);
    checks_.Require(static_cast<int>(plan_.steps().size()) <= kMostSteps, Concat(field, ".steps"),
                    Concat("must be at most ", kMostSteps));
    for (const auto& [name, step] : plan_.steps()) {
      const std::string at = Concat(field, ".steps[\"", ToStorableText(name).substr(0, 64), "\"]");
      checks_.Require(IsStepName(name), at, "a step's name has 1 to 64 letters, digits, '-' and '_'");
      Verbs(step.verbs(), at);
      checks_.Require(step.branches_size() <= kMostBranches, Concat(at, ".branches"),
                      Concat("must be at most ", kMostBranches));
      for (int i = 0; i < step.branches_size(); ++i) {
        const std::string branch = Concat(at, ".branches[", i, "]");
        checks_.Require(!step.branches(i).digits().empty() || !step.branches(i).speech().empty(), branch,
                        "must have digits or speech to match");
        checks_.Require(IsKeys(step.branches(i).digits(), "0123456789*#"), Concat(branch, ".digits"), "must be keys");
        checks_.RequireText(step.branches(i).speech(), kLongestName, Concat(branch, ".speech"));
        Step(step.branches(i).step(), Concat(branch, ".step"), /*required=*/true);
      }
    }
  }

 private:
  using VerbList = google::protobuf::RepeatedPtrField<Verb>;

  void Verbs(const VerbList& verbs, const std::string& field) {
    if (!checks_.Require(verbs.size() <= kMostVerbs, Concat(field, ".verbs"), Concat("must be at most ", kMostVerbs))) {
      return;
    }
    for (int i = 0; i < verbs.size(); ++i) OneVerb(verbs[i], i, Concat(field, ".verbs[", i, "]"));
  }

  void OneVerb(const Verb& verb, int position, const std::string& field) {
    switch (verb.kind_case()) {
      case Verb::kSay:
      case Verb::kPlay:
      case Verb::kPause:
        return Prompt(verb, field);
      case Verb::kGather:
        return Gather(verb.gather(), Concat(field, ".gather"));
      case Verb::kDial:
        return Dial(verb.dial(), Concat(field, ".dial"));
      case Verb::kRecord:
        Time(verb.record().has_max_length(), verb.record().max_length(), Concat(field, ".record.max_length"));
        checks_.Require(IsKeys(verb.record().finish_on_key(), "0123456789*#"), Concat(field, ".record.finish_on_key"),
                        "must be keys: 0-9 * #");
        return Step(verb.record().step(), Concat(field, ".record.step"), false);
      case Verb::kEnqueue:
        Name(verb.enqueue().queue(), Concat(field, ".enqueue.queue"));
        return Step(verb.enqueue().wait_step(), Concat(field, ".enqueue.wait_step"), false);
      case Verb::kHold:
        return Url(verb.hold().music_url(), Concat(field, ".hold.music_url"), false);
      case Verb::kConference:
        Name(verb.conference().name(), Concat(field, ".conference.name"));
        return Url(verb.conference().wait_music_url(), Concat(field, ".conference.wait_music_url"), false);
      case Verb::kStream:
        return Stream(verb.stream(), Concat(field, ".stream"));
      case Verb::kContinue:
        return Step(verb.continue_().step(), Concat(field, ".continue.step"), true);
      case Verb::kReject:
        checks_.Require(position == 0, field, "reject must come first");
        return;
      case Verb::kHangup:
        return;
      case Verb::KIND_NOT_SET:
        checks_.Require(false, field, "must be one of the verbs");
        return;
    }
  }

  // Verbs that may also stand in a gather's prompts.
  void Prompt(const Verb& verb, const std::string& field) {
    if (verb.has_say()) {
      checks_.Require(!verb.say().text().empty(), Concat(field, ".say.text"), "must not be empty");
      checks_.RequireText(verb.say().text(), kLongestText, Concat(field, ".say.text"));
      checks_.RequireText(verb.say().language(), kLongestName, Concat(field, ".say.language"));
      checks_.RequireText(verb.say().voice(), kLongestName, Concat(field, ".say.voice"));
      Loop(verb.say().loop(), Concat(field, ".say.loop"));
    } else if (verb.has_play()) {
      const bool keys = !verb.play().digits().empty();
      checks_.Require(keys == verb.play().url().empty(), Concat(field, ".play"), "must have either a url or digits");
      checks_.Require(IsKeys(verb.play().digits(), "0123456789*#wW"), Concat(field, ".play.digits"),
                      "must be keys: 0-9 * # w");
      Url(verb.play().url(), Concat(field, ".play.url"), false);
      Loop(verb.play().loop(), Concat(field, ".play.loop"));
    } else if (verb.has_pause()) {
      Time(true, verb.pause().length(), Concat(field, ".pause.length"));
    } else {
      checks_.Require(false, field, "a prompt is say, play or pause");
    }
  }

  void Gather(const plans::v1::Gather& gather, const std::string& field) {
    checks_.Require(gather.prompts_size() <= kMostVerbs, Concat(field, ".prompts"),
                    Concat("must be at most ", kMostVerbs));
    for (int i = 0; i < gather.prompts_size(); ++i) Prompt(gather.prompts(i), Concat(field, ".prompts[", i, "]"));
    checks_.Require(gather.max_digits() >= 0 && gather.max_digits() <= 64, Concat(field, ".max_digits"),
                    "must be from 0 to 64");
    checks_.Require(gather.finish_on_key() == "none" ||
                        (gather.finish_on_key().size() <= 1 && IsKeys(gather.finish_on_key(), "0123456789*#")),
                    Concat(field, ".finish_on_key"), "must be one key or \"none\"");
    Time(gather.has_timeout(), gather.timeout(), Concat(field, ".timeout"));
    Step(gather.step(), Concat(field, ".step"), true);
  }

  void Dial(const plans::v1::Dial& dial, const std::string& field) {
    checks_.Require(dial.targets_size() >= 1 && dial.targets_size() <= kMostTargets, Concat(field, ".targets"),
                    Concat("must be 1 to ", kMostTargets));
    for (int i = 0; i < dial.targets_size(); ++i) {
      const std::string& target = dial.targets(i);
      checks_.Require(IsE164(target) || target.starts_with("sip:") || target.starts_with("client:"),
                      Concat(field, ".targets[", i, "]"), "must be E.164, \"sip:...\" or \"client:...\"");
      checks_.RequireText(target, kLongestUrl, Concat(field, ".targets[", i, "]"));
    }
    if (!dial.caller_id().empty()) checks_.Require(IsE164(dial.caller_id()), Concat(field, ".caller_id"), kMustBeE164);
    Time(dial.has_ring_timeout(), dial.ring_timeout(), Concat(field, ".ring_timeout"));
    Time(dial.has_time_limit(), dial.time_limit(), Concat(field, ".time_limit"));
    Step(dial.step(), Concat(field, ".step"), false);
  }

  void Stream(const plans::v1::Stream& stream, const std::string& field) {
    const bool good = stream.url().starts_with("wss://") && stream.url().find('?') == std::string::npos;
    checks_.Require(good && stream.url().size() <= kLongestUrl, Concat(field, ".url"),
                    "must be a wss:// URL without a query");
    for (const auto& [name, value] : stream.parameters()) {
      checks_.RequireText(name, kLongestName, Concat(field, ".parameters"));
      checks_.RequireText(value, kLongestText, Concat(field, ".parameters"));
    }
  }

  void Loop(int loop, const std::string& field) {
    checks_.Require(loop >= 0 && loop <= 1'000, field, "must be from 0 to 1000");
  }
  void Name(std::string_view name, const std::string& field) {
    checks_.Require(!name.empty(), field, "must not be empty");
    checks_.RequireText(name, kLongestName, field);
  }
  void Url(std::string_view url, const std::string& field, bool required) {
    if (url.empty() && !required) return;
    checks_.Require((url.starts_with("https://") || url.starts_with("http://")) && url.size() <= kLongestUrl, field,
                    "must be a URL that begins with https:// or http://");
  }
  void Time(bool given, const google::protobuf::Duration& duration, const std::string& field) {
    if (!given) return;
    const absl::Duration length = FromProto(duration);
    checks_.Require(length >= absl::Seconds(1) && length <= kLongestTime, field, "must be from one second to a day");
  }
  void Step(const std::string& step, const std::string& field, bool required) {
    if (step.empty()) {
      checks_.Require(!required, field, "must name a step");
    } else {
      checks_.Require(plan_.steps().contains(step), field, "the plan has no step of this name");
    }
  }

  const CallPlan& plan_;
  FieldChecks& checks_;
};

}  // namespace

void CheckCallPlan(const CallPlan& plan, std::string_view field, FieldChecks& checks) {
  PlanChecker(plan, checks).Check(std::string(field));
}

}  // namespace trunkline::telephony
