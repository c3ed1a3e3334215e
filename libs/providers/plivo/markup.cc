#include "libs/providers/plivo/markup.h"

#include <algorithm>
#include <map>

#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/providers/markup.h"
#include "libs/providers/markup_text.h"
#include "libs/providers/plivo/party.h"
#include "libs/providers/plivo/rooms.h"
#include "libs/providers/plivo/webhook_urls.h"

namespace trunkline::providers::plivo {
namespace {

using plans::v1::CallPlan;
using plans::v1::Verb;
using Element = MarkupElement;

// Limits of Plivo's.
constexpr int64_t kLongestSeconds = 86'400;
constexpr int64_t kLongestTimeout = 600;
constexpr int64_t kLongestRecording = 14'400;
constexpr size_t kLongestExtraHeaders = 512;
constexpr std::string_view kMarkupKeys = "0123456789*#";

void SetFinishKey(std::string_view keys, Element* element) {
  if (keys.empty()) return;
  element->Set("finishOnKey", keys == "none" ? std::string(keys) : KeepOnly(keys, kMarkupKeys));
}

class Writer {
 public:
  Writer(const RenderContext& context, std::string_view turn)
      : call_id_(context.call_id), urls_(context.public_url, context.account_id, context.call_id), actions_(urls_) {
    actions_.AtTurn(turn);
  }

  void WritePlan(const CallPlan& plan, bool record, Element response) const {
    // Before everything else: it records in the background.
    if (record) WriteSessionRecording("recordSession", response);
    // What the call does at the end is said, also where Plivo would do it anyway.
    if (plan.verbs().empty()) response.Add("Hangup");
    for (int i = 0; i < plan.verbs_size(); ++i) WriteVerb(plan.verbs(i), i == 0, response);
  }

 private:
  void WriteVerb(const Verb& verb, bool first, Element parent) const {
    switch (verb.kind_case()) {
      case Verb::kGather:
        return verb.gather().speech() ? WriteGetInput(verb.gather(), parent) : WriteGetDigits(verb.gather(), parent);
      case Verb::kDial:
        return WriteDial(verb.dial(), parent);
      case Verb::kRecord:
        return WriteRecord(verb.record(), parent);
      case Verb::kEnqueue:
        return WriteEnqueue(verb.enqueue(), parent);
      case Verb::kHold:
        return WriteHold(verb.hold(), parent);
      case Verb::kConference:
        return WriteConference(verb.conference(), parent);
      case Verb::kStream:
        return WriteStream(verb.stream(), parent);
      case Verb::kContinue:
        parent.Add("Redirect").Set("method", "POST").Text(urls_.ForPlan("answer", verb.continue_().step()));
        return;
      case Verb::kReject: {
        Element hangup = parent.Add("Hangup");
        // A call that was answered by an earlier verb cannot be refused any more.
        if (first) hangup.Set("reason", verb.reject().busy() ? "busy" : "rejected");
        return;
      }
      case Verb::kHangup:
        parent.Add("Hangup");
        return;
      case Verb::kPause:
        parent.Add("Wait").Set("length", WholeSeconds(verb.pause().length(), 1, kLongestSeconds));
        return;
      default:
        return WriteSound(verb, parent);
    }
  }

  static void WriteSound(const Verb& verb, Element parent) {
    if (verb.has_say()) {
      Element speak = parent.Add("Speak");
      speak.SetIfGiven("voice", verb.say().voice()).SetIfGiven("language", verb.say().language());
      speak.SetLoop(verb.say().loop());
      speak.Text(verb.say().text());
    } else if (const std::string digits = KeepOnly(verb.play().digits(), "0123456789*#wW"); !digits.empty()) {
      for (int i = 0; i < std::max(verb.play().loop(), 1); ++i) {
        parent.Add("DTMF").SetFlag("async", false).Text(digits);
      }
    } else if (!verb.play().url().empty()) {
      Element play = parent.Add("Play");
      play.SetLoop(verb.play().loop());
      play.Text(verb.play().url());
    }
  }

  // Within <GetDigits> and <GetInput>.
  static void WritePrompts(const plans::v1::Gather& gather, bool pauses, Element parent) {
    for (const Verb& prompt : gather.prompts()) {
      if (prompt.has_pause()) {
        if (pauses) parent.Add("Wait").Set("length", WholeSeconds(prompt.pause().length(), 1, kLongestSeconds));
      } else if (prompt.has_say() || !prompt.play().url().empty()) {
        WriteSound(prompt, parent);
      }
    }
  }

  void SetAction(const char* event, std::string_view step, Element* element) const {
    element->SetUrl("action", "method", actions_.ForPlan(event, step));
    element->SetFlag("redirect", !step.empty());
  }

  void WriteGetDigits(const plans::v1::Gather& gather, Element parent) const {
    constexpr int64_t kDefaultTimeout = 5;
    Element element = parent.Add("GetDigits");
    SetAction("gather", gather.step(), &element);
    const int64_t timeout = gather.has_timeout() ? WholeSeconds(gather.timeout(), 1, kLongestTimeout) : kDefaultTimeout;
    element.Set("timeout", timeout).Set("digitTimeout", timeout);
    SetFinishKey(gather.finish_on_key(), &element);
    if (gather.max_digits() > 0) element.Set("numDigits", int64_t{gather.max_digits()});
    element.Set("retries", int64_t{1});
    WritePrompts(gather, true, element);
  }

  void WriteGetInput(const plans::v1::Gather& gather, Element parent) const {
    Element element = parent.Add("GetInput");
    SetAction("gather", gather.step(), &element);
    element.Set("inputType", "dtmf speech");
    if (gather.has_timeout()) {
      element.Set("executionTimeout", WholeSeconds(gather.timeout(), 5, 60));
      element.Set("digitEndTimeout", WholeSeconds(gather.timeout(), 2, 10));
    }
    SetFinishKey(gather.finish_on_key(), &element);
    if (gather.max_digits() > 0) element.Set("numDigits", int64_t{gather.max_digits()});
    element.SetIfGiven("language", gather.language());
    WritePrompts(gather, false, element);
  }

  void WriteDial(const plans::v1::Dial& dial, Element parent) const {
    if (dial.targets().empty()) return;
    if (dial.record()) WriteSessionRecording("startOnDialAnswer", parent);
    Element element = parent.Add("Dial");
    SetAction("dial", dial.step(), &element);
    element.SetUrl("callbackUrl", "callbackMethod", urls_.ForNews("dial-events"));
    constexpr int64_t kDefaultRing = 30;
    element.Set("timeout",
                dial.has_ring_timeout() ? WholeSeconds(dial.ring_timeout(), 1, kLongestTimeout) : kDefaultRing);
    if (dial.has_time_limit()) element.Set("timeLimit", WholeSeconds(dial.time_limit(), 1, kLongestSeconds));
    if (!dial.caller_id().empty()) element.Set("callerId", ToPlivoNumber(dial.caller_id()));
    for (const std::string& target : dial.targets()) WriteTarget(target, element);
  }

  static void WriteTarget(std::string_view target, Element parent) {
    constexpr std::string_view kClientPrefix = "client:";
    if (target.starts_with(kClientPrefix)) {
      parent.Add("User").Text(Concat("sip:", target.substr(kClientPrefix.size()), "@phone.plivo.com"));
    } else if (target.starts_with("sip:") || target.starts_with("sips:")) {
      parent.Add("User").Text(target);
    } else {
      parent.Add("Number").Text(ToPlivoNumber(target));
    }
  }

  // `when` is the attribute that says which part of the call is recorded.
  void WriteSessionRecording(const char* when, Element parent) const {
    Element element = parent.Add("Record");
    element.SetFlag(when, true).SetFlag("redirect", false).Set("maxLength", kLongestRecording);
    element.Set("recordChannelType", "stereo");
    element.SetUrl("callbackUrl", "callbackMethod", urls_.ForNews("recording"));
  }

  void WriteRecord(const plans::v1::Record& record, Element parent) const {
    Element element = parent.Add("Record");
    SetAction("record", record.step(), &element);
    // Left out, it would be a minute.
    element.Set("maxLength",
                record.has_max_length() ? WholeSeconds(record.max_length(), 1, kLongestSeconds) : kLongestRecording);
    element.SetFlag("playBeep", record.beep());
    SetFinishKey(record.finish_on_key(), &element);
    element.SetUrl("callbackUrl", "callbackMethod", urls_.ForNews("recording"));
  }

  // A room of its own in which the caller waits.
  Element AddWaitingRoom(Element parent) const {
    Element room = parent.Add("Conference");
    room.SetFlag("startConferenceOnEnter", false).SetFlag("endConferenceOnExit", true).SetFlag("stayAlone", true);
    room.SetUrl("callbackUrl", "callbackMethod", urls_.ForNews("conference"));
    return room;
  }

  void WriteEnqueue(const plans::v1::Enqueue& enqueue, Element parent) const {
    Element room = AddWaitingRoom(parent);
    if (!enqueue.wait_step().empty()) room.Set("waitSound", urls_.ForPlan("wait", enqueue.wait_step()));
    room.Text(QueueRoomOf(enqueue.queue(), call_id_));
  }

  void WriteHold(const plans::v1::Hold& hold, Element parent) const {
    if (!hold.music_url().empty()) {
      parent.Add("Play").Set("loop", int64_t{0}).Text(hold.music_url());
      return;
    }
    AddWaitingRoom(parent).Text(HoldRoomOf(call_id_));
  }

  void WriteConference(const plans::v1::Conference& conference, Element parent) const {
    // A multi-party call, since that is what a live call can join and be held in.
    Element room = parent.Add("MultiPartyCall");
    room.Set("role", "Customer").SetFlag("mute", conference.muted());
    room.SetFlag("startMpcOnEnter", conference.start_on_enter());
    room.SetFlag("endMpcOnExit", conference.end_on_exit());
    room.SetFlag("stayAlone", true);
    if (conference.record()) {
      room.SetFlag("record", true).Set("recordFileFormat", "mp3");
      room.SetUrl("recordingCallbackUrl", "recordingCallbackMethod", urls_.ForNews("recording"));
    }
    room.SetUrl("statusCallbackUrl", "statusCallbackMethod", urls_.ForNews("mpc"));
    room.Text(RoomName(conference.name()));
  }

  void WriteStream(const plans::v1::Stream& stream, Element parent) const {
    Element element = parent.Add("Stream");
    element.SetFlag("bidirectional", stream.bidirectional());
    element.Set("audioTrack", stream.bidirectional() ? "inbound" : "both");
    // With it the stream blocks: the plan waits until the media server closes.
    element.SetFlag("keepCallAlive", stream.bidirectional());
    element.Set("streamTimeout", kLongestSeconds).Set("contentType", "audio/x-mulaw;rate=8000");
    element.SetUrl("statusCallbackUrl", "statusCallbackMethod", urls_.ForStream());
    element.SetIfGiven("extraHeaders", ExtraHeaders(stream));
    element.Text(stream.url());
  }

  // In the order of their names, so that a plan always gives the same text; as many as fit.
  static std::string ExtraHeaders(const plans::v1::Stream& stream) {
    const std::map<std::string, std::string> parameters(stream.parameters().begin(), stream.parameters().end());
    std::string text;
    for (const auto& [name, value] : parameters) {
      // What would be read as another header.
      if (Concat(name, value).find_first_of("=,") != std::string::npos) continue;
      const std::string piece = Concat(text.empty() ? "" : ",", name, "=", value);
      if (text.size() + piece.size() <= kLongestExtraHeaders) text += piece;
    }
    return text;
  }

  std::string call_id_;
  WebhookUrls urls_;
  WebhookUrls actions_;
};

bool WantsRecording(std::string_view asked_url) {
  const size_t question = asked_url.find('?');
  if (question == std::string_view::npos) return false;
  const std::string_view query = asked_url.substr(question + 1);
  return FindInForm(ParseForm(query.substr(0, query.find('#'))), kRecordParameter) == "1";
}

}  // namespace

std::string RenderPlivoXml(const CallPlan& plan, const RenderContext& context, std::string_view turn) {
  Markup markup;
  Writer(context, turn).WritePlan(plan, WantsRecording(context.asked_url), markup.root());
  return markup.Render();
}

std::string EmptyPlivoXml() { return Markup().Render(); }

}  // namespace trunkline::providers::plivo
