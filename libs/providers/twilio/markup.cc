#include "libs/providers/twilio/markup.h"

#include <map>
#include <string_view>

#include "libs/base/text.h"
#include "libs/providers/markup.h"
#include "libs/providers/markup_text.h"
#include "libs/providers/twilio/hold_room.h"
#include "libs/providers/twilio/ring_time.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

using plans::v1::CallPlan;
using plans::v1::Verb;
using Element = MarkupElement;

// Limits of Twilio's.
constexpr int kMostTargetsOfAKind = 10;
constexpr int64_t kLongestSeconds = 86'400;
constexpr std::string_view kRecordingEvents = "in-progress completed absent";
constexpr std::string_view kMarkupKeys = "0123456789*#";

// "none" asks for no key, empty for Twilio's own choice.
void SetFinishKeys(std::string_view keys, Element* element) {
  if (keys.empty()) return;
  element->Set("finishOnKey", keys == "none" ? std::string() : KeepOnly(keys, kMarkupKeys));
}

class Writer {
 public:
  explicit Writer(const RenderContext& context)
      : call_id_(context.call_id), urls_(context.public_url, context.account_id, context.call_id) {}

  void WritePlan(const CallPlan& plan, Element response) const {
    // What the call does at the end is said, also where Twilio would do it anyway.
    if (plan.verbs().empty()) response.Add("Hangup");
    for (int i = 0; i < plan.verbs_size(); ++i) {
      WriteVerb(plan.verbs(i), {.first = i == 0, .last = i + 1 == plan.verbs_size()}, response);
    }
  }

 private:
  struct Place {
    bool first = false;
    bool last = false;
  };

  void WriteVerb(const Verb& verb, Place place, Element parent) const {
    switch (verb.kind_case()) {
      case Verb::kGather:
        return WriteGather(verb.gather(), parent);
      case Verb::kDial:
        return WriteDial(verb.dial(), place, parent);
      case Verb::kRecord:
        return WriteRecord(verb.record(), parent);
      case Verb::kEnqueue:
        return WriteEnqueue(verb.enqueue(), place, parent);
      case Verb::kHold:
        return WriteHold(verb.hold(), parent);
      case Verb::kConference:
        return WriteConference(verb.conference(), parent);
      case Verb::kStream:
        return WriteStream(verb.stream(), parent);
      case Verb::kContinue:
        parent.Add("Redirect").Set("method", "POST").Text(urls_.ForPlan("voice", verb.continue_().step()));
        return;
      case Verb::kReject:
        return WriteReject(verb.reject(), place, parent);
      case Verb::kHangup:
        parent.Add("Hangup");
        return;
      default:
        return WritePrompt(verb, parent);
    }
  }

  // The verbs that may also stand within <Gather>.
  static void WritePrompt(const Verb& verb, Element parent) {
    switch (verb.kind_case()) {
      case Verb::kSay: {
        Element say = parent.Add("Say");
        say.SetIfGiven("voice", verb.say().voice()).SetIfGiven("language", verb.say().language());
        say.SetLoop(verb.say().loop());
        say.Text(verb.say().text());
        return;
      }
      case Verb::kPlay: {
        const std::string digits = KeepOnly(verb.play().digits(), "0123456789*#wW");
        if (digits.empty() && verb.play().url().empty()) return;
        Element play = parent.Add("Play");
        play.SetLoop(verb.play().loop());
        if (digits.empty()) {
          play.Text(verb.play().url());
        } else {
          play.Set("digits", digits);
        }
        return;
      }
      case Verb::kPause:
        parent.Add("Pause").Set("length", WholeSeconds(verb.pause().length(), 1, kLongestSeconds));
        return;
      default:
        return;
    }
  }

  void WriteGather(const plans::v1::Gather& gather, Element parent) const {
    Element element = parent.Add("Gather");
    element.SetUrl("action", "method", urls_.ForPlan("gather", gather.step()));
    element.Set("input", gather.speech() ? "dtmf speech" : "dtmf");
    if (gather.has_timeout()) element.Set("timeout", WholeSeconds(gather.timeout(), 1, kLongestRing));
    SetFinishKeys(gather.finish_on_key(), &element);
    if (gather.max_digits() > 0) element.Set("numDigits", int64_t{gather.max_digits()});
    element.SetIfGiven("language", gather.language());
    if (gather.speech()) element.Set("speechTimeout", "auto");
    for (const Verb& prompt : gather.prompts()) WritePrompt(prompt, element);
  }

  void WriteDial(const plans::v1::Dial& dial, Place place, Element parent) const {
    if (dial.targets().empty()) return;
    Element element = parent.Add("Dial");
    if (place.last || !dial.step().empty()) element.SetUrl("action", "method", urls_.ForPlan("dial", dial.step()));
    if (dial.has_ring_timeout()) element.Set("timeout", WholeSeconds(dial.ring_timeout(), kShortestRing, kLongestRing));
    if (dial.has_time_limit()) element.Set("timeLimit", WholeSeconds(dial.time_limit(), 1, kLongestSeconds));
    element.SetIfGiven("callerId", dial.caller_id());
    // The caller hears the ringing of the called side and is not answered before it is.
    element.SetFlag("answerOnBridge", true);
    if (dial.record()) SetRecording("record-from-answer-dual", &element);
    WriteTargets(dial, element);
  }

  // Twilio refuses the whole <Dial> when it has more targets of a kind than it can call.
  void WriteTargets(const plans::v1::Dial& dial, Element parent) const {
    constexpr std::string_view kClientPrefix = "client:";
    std::map<std::string_view, int> count;
    for (const std::string& target : dial.targets()) {
      const bool client = target.starts_with(kClientPrefix);
      const bool sip = target.starts_with("sip:") || target.starts_with("sips:");
      const char* noun = client ? "Client" : (sip ? "Sip" : "Number");
      if (++count[noun] > kMostTargetsOfAKind) continue;
      Element element = parent.Add(noun);
      element.SetUrl("statusCallback", "statusCallbackMethod", urls_.ForChildLeg());
      element.Set("statusCallbackEvent", "initiated ringing answered completed");
      element.Text(client ? std::string_view(target).substr(kClientPrefix.size()) : std::string_view(target));
    }
  }

  void WriteRecord(const plans::v1::Record& record, Element parent) const {
    Element element = parent.Add("Record");
    // Without an action Twilio would ask for this very plan again.
    element.SetUrl("action", "method", urls_.ForPlan("record", record.step()));
    if (record.has_max_length()) element.Set("maxLength", WholeSeconds(record.max_length(), 1, kLongestSeconds));
    element.SetFlag("playBeep", record.beep());
    SetFinishKeys(record.finish_on_key(), &element);
    SetRecordingCallback(&element);
  }

  void WriteEnqueue(const plans::v1::Enqueue& enqueue, Place place, Element parent) const {
    Element element = parent.Add("Enqueue");
    if (place.last) element.SetUrl("action", "method", urls_.ForPlan("queue"));
    if (!enqueue.wait_step().empty()) {
      element.SetUrl("waitUrl", "waitUrlMethod", urls_.ForPlan("wait", enqueue.wait_step()));
    }
    element.Text(enqueue.queue());
  }

  void WriteHold(const plans::v1::Hold& hold, Element parent) const {
    Element room = parent.Add("Dial").Add("Conference");
    room.Set("beep", "false").SetFlag("startConferenceOnEnter", false).SetFlag("endConferenceOnExit", true);
    SetWaitMusic(hold.music_url(), &room);
    SetConferenceCallback(&room);
    room.Text(HoldRoomOf(call_id_));
  }

  void WriteConference(const plans::v1::Conference& conference, Element parent) const {
    Element room = parent.Add("Dial").Add("Conference");
    // The two sides of a call were never apart, as far as they know.
    if (IsCallRoom(conference.name()) || IsHoldRoom(conference.name())) room.Set("beep", "false");
    room.SetFlag("muted", conference.muted());
    room.SetFlag("startConferenceOnEnter", conference.start_on_enter());
    room.SetFlag("endConferenceOnExit", conference.end_on_exit());
    SetWaitMusic(conference.wait_music_url(), &room);
    if (conference.record()) SetRecording("record-from-start", &room);
    SetConferenceCallback(&room);
    room.Text(conference.name());
  }

  static void SetWaitMusic(std::string_view url, Element* room) {
    // A sound file is asked for with GET.
    if (!url.empty()) room->Set("waitUrl", url).Set("waitMethod", "GET");
  }

  void SetConferenceCallback(Element* room) const {
    room->SetIfGiven("participantLabel", call_id_);
    room->SetUrl("statusCallback", "statusCallbackMethod", urls_.ForNews("conference"));
    room->Set("statusCallbackEvent", "start end join leave mute hold");
  }

  void SetRecording(std::string_view what, Element* element) const {
    element->Set("record", what);
    SetRecordingCallback(element);
  }

  void SetRecordingCallback(Element* element) const {
    element->SetUrl("recordingStatusCallback", "recordingStatusCallbackMethod", urls_.ForNews("recording"));
    element->Set("recordingStatusCallbackEvent", kRecordingEvents);
  }

  void WriteStream(const plans::v1::Stream& stream, Element parent) const {
    // <Connect> waits until the media server closes, <Start> goes on with the next verb.
    Element element = parent.Add(stream.bidirectional() ? "Connect" : "Start").Add("Stream");
    // Twilio supports no query here; the parameters take its place.
    const std::string_view url = stream.url();
    element.Set("url", url.substr(0, url.find_first_of("?#")));
    if (!stream.bidirectional()) element.Set("track", "both_tracks");
    element.SetUrl("statusCallback", "statusCallbackMethod", urls_.ForNews("stream"));
    // In the order of their names, so that a plan always gives the same text.
    const std::map<std::string, std::string> parameters(stream.parameters().begin(), stream.parameters().end());
    for (const auto& [name, value] : parameters) element.Add("Parameter").Set("name", name).Set("value", value);
  }

  static void WriteReject(const plans::v1::Reject& reject, Place place, Element parent) {
    // A call that was answered by an earlier verb cannot be refused any more.
    if (!place.first) {
      parent.Add("Hangup");
      return;
    }
    parent.Add("Reject").Set("reason", reject.busy() ? "busy" : "rejected");
  }

  std::string call_id_;
  WebhookUrls urls_;
};

}  // namespace

std::string RenderTwiml(const CallPlan& plan, const RenderContext& context) {
  Markup markup;
  Writer(context).WritePlan(plan, markup.root());
  return markup.Render();
}

std::string EmptyTwiml() {
  // The answer to nearly every webhook.
  static const std::string& text = *new std::string(Markup().Render());
  return text;
}

}  // namespace trunkline::providers::twilio
