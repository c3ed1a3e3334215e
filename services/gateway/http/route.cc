#include "services/gateway/http/route.h"

#include <array>
#include <set>
#include <string>

#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"
#include "trunkline/campaigns/v1/contact_service.pb.h"
#include "trunkline/campaigns/v1/suppression_service.pb.h"
#include "trunkline/control/v1/call_control_service.pb.h"
#include "trunkline/control/v1/channel_service.pb.h"
#include "trunkline/providers/v1/provider_service.pb.h"
#include "trunkline/recordings/v1/recording_service.pb.h"

namespace trunkline::gateway {
namespace {

#define TL_CALLS "trunkline.control.v1.CallControlService/"
#define TL_RECORDINGS "trunkline.recordings.v1.RecordingService/"
#define TL_CAMPAIGNS "trunkline.campaigns.v1.CampaignService/"
#define TL_CONTACTS "trunkline.campaigns.v1.ContactService/"
#define TL_SUPPRESSIONS "trunkline.campaigns.v1.SuppressionService/"
#define TL_CHANNELS "trunkline.control.v1.ChannelService/"

constexpr std::array kRoutes = {
    // The names that older front ends know.
    Route{"POST", "/telephony-gateway/initiate", TL_CALLS "InitiateCall", "Places a call"},
    Route{"POST", "/telephony-gateway/initiate-many", TL_CALLS "InitiateCalls", "Places many calls with one plan"},
    Route{"POST", "/telephony-gateway/explain", TL_CALLS "ExplainCall", "Tells what stands before a call"},
    Route{"POST", "/telephony-gateway/answer", TL_CALLS "AnswerCall", "Answers an inbound call"},
    Route{"POST", "/telephony-gateway/update", TL_CALLS "UpdateCall", "Gives a call another plan"},
    Route{"POST", "/telephony-gateway/hold", TL_CALLS "HoldCall", "Puts a call on hold"},
    Route{"POST", "/telephony-gateway/resume", TL_CALLS "ResumeCall", "Takes a call back from hold"},
    Route{"POST", "/telephony-gateway/transfer", TL_CALLS "TransferCall", "Hands a call on"},
    Route{"POST", "/telephony-gateway/complete-transfer", TL_CALLS "CompleteTransfer",
          "Completes an attended transfer"},
    Route{"POST", "/telephony-gateway/cancel-transfer", TL_CALLS "CancelTransfer", "Gives an attended transfer up"},
    Route{"POST", "/telephony-gateway/conference", TL_CALLS "JoinConference", "Brings a call into a conference"},
    Route{"POST", "/telephony-gateway/digits", TL_CALLS "SendDigits", "Sends keys"},
    Route{"POST", "/telephony-gateway/play", TL_CALLS "PlayMedia", "Plays a file or says a text"},
    Route{"POST", "/telephony-gateway/stop-playing", TL_CALLS "StopMedia", "Stops what is played"},
    Route{"POST", "/telephony-gateway/record", TL_CALLS "StartRecording", "Starts to record a call"},
    Route{"POST", "/telephony-gateway/stop-recording", TL_CALLS "StopRecording", "Stops recordings of a call"},
    Route{"POST", "/telephony-gateway/sync", TL_CALLS "SyncCall", "Asks the provider for a call's state"},
    Route{"POST", "/telephony-gateway/end", TL_CALLS "EndCall", "Ends a call"},

    Route{"POST", "/api/calls/initiate", TL_CALLS "InitiateCall", "Places a call"},
    Route{"POST", "/api/calls/explain", TL_CALLS "ExplainCall", "Tells what stands before a call"},
    Route{"GET", "/api/calls", TL_CALLS "ListCalls", "Calls, newest first"},
    Route{"GET", "/api/calls/{callId}", TL_CALLS "GetCall", "One call"},
    Route{"GET", "/api/calls/{callId}/timeline", TL_CALLS "GetCallTimeline", "Everything that is known of a call"},
    Route{"GET", "/api/calls/{callId}/recordings", TL_RECORDINGS "ListRecordings", "The recordings of a call"},
    Route{"POST", "/api/calls/{callId}/sync", TL_CALLS "SyncCall", "Asks the provider for a call's state"},

    Route{"GET", "/ws/calls", TL_CALLS "WatchCalls", "A WebSocket: the events of calls, live", RouteKind::kSocket},
    Route{"GET", "/ws/calls/{callId}", TL_CALLS "WatchCalls", "A WebSocket: a call and its events, live",
          RouteKind::kSocket},

    Route{"GET", "/api/recordings", TL_RECORDINGS "ListRecordings", "Recordings, newest first"},
    Route{"GET", "/api/recordings/{recordingId}", TL_RECORDINGS "GetRecording", "One recording"},
    Route{"DELETE", "/api/recordings/{recordingId}", TL_RECORDINGS "DeleteRecording",
          "Deletes a recording at its provider and here"},
    Route{"POST", "/api/recordings/{recordingId}/download-link", TL_RECORDINGS "CreateDownloadLink",
          "A link to the sound of a recording that works for a short time"},
    Route{"GET", "/api/recordings/{recordingId}/media", "", "The sound behind a download link", RouteKind::kMedia},

    Route{"GET", "/api/providers", "trunkline.providers.v1.ProviderService/ListProviders",
          "The providers that are built in, and what they can do"},
    Route{"GET", "/api/providers/comparison", "trunkline.providers.v1.ProviderService/CompareProviders",
          "How the business's calls went over each provider and account"},
    // The names that older front ends know.
    Route{"POST", "/plivo/pause-campaign", TL_CAMPAIGNS "PauseCampaign", "Calls nobody new"},
    Route{"POST", "/plivo/resume-campaign", TL_CAMPAIGNS "ResumeCampaign", "Goes on where a campaign was paused"},
    Route{"GET", "/plivo/campaign-progress/{campaignId}", TL_CAMPAIGNS "GetCampaignProgress",
          "How far a campaign is, and when it may be done"},
    Route{"GET",
          "/plivo/get-active-channels",
          TL_CHANNELS "GetActiveChannels",
          "Calls in progress beside their limits",
          RouteKind::kRpc,
          {.name = "clientId", .field = "businessId"}},

    Route{"GET", "/api/channels", TL_CHANNELS "GetActiveChannels", "Calls in progress beside their limits"},
    Route{"POST", "/api/campaigns", TL_CAMPAIGNS "CreateCampaign", "Makes a campaign, as a draft"},
    Route{"GET", "/api/campaigns", TL_CAMPAIGNS "ListCampaigns", "Campaigns, newest first"},
    Route{"GET", "/api/campaigns/{campaignId}", TL_CAMPAIGNS "GetCampaign", "One campaign"},
    Route{"PATCH", "/api/campaigns/{campaignId}", TL_CAMPAIGNS "UpdateCampaign",
          "Changes name or settings, while it runs too"},
    Route{"POST", "/api/campaigns/{campaignId}/start", TL_CAMPAIGNS "StartCampaign", "Starts a campaign now"},
    Route{"POST", "/api/campaigns/{campaignId}/schedule", TL_CAMPAIGNS "ScheduleCampaign",
          "Lets a campaign start by itself, or takes that back"},
    Route{"POST", "/api/campaigns/{campaignId}/pause", TL_CAMPAIGNS "PauseCampaign", "Calls nobody new"},
    Route{"POST", "/api/campaigns/{campaignId}/resume", TL_CAMPAIGNS "ResumeCampaign",
          "Goes on where a campaign was paused"},
    Route{"POST", "/api/campaigns/{campaignId}/cancel", TL_CAMPAIGNS "CancelCampaign", "Gives a campaign up"},
    Route{"POST", "/api/campaigns/{campaignId}/clone", TL_CAMPAIGNS "CloneCampaign",
          "Makes a draft with the settings of another campaign"},
    Route{"GET", "/api/campaigns/{campaignId}/progress", TL_CAMPAIGNS "GetCampaignProgress",
          "How far a campaign is, and when it may be done"},
    Route{"GET", "/api/campaigns/{campaignId}/statistics", TL_CAMPAIGNS "GetCampaignStatistics",
          "What came of a campaign's attempts, in all and by hour"},
    Route{"GET", "/api/campaigns/{campaignId}/failed-calls", TL_CAMPAIGNS "AnalyzeFailedCalls",
          "Why attempts failed, and when to try again"},
    Route{"GET", "/api/campaigns/{campaignId}/transitions", TL_CAMPAIGNS "ListCampaignTransitions",
          "A campaign's changes of state, the latest first"},
    Route{"GET", "/api/campaigns/{campaignId}/explain", TL_CAMPAIGNS "ExplainCampaign",
          "Every gate before the next call of a campaign"},
    Route{"GET", "/api/campaigns/{campaignId}/explain-contact", TL_CAMPAIGNS "ExplainContact",
          "Every gate before the next call to a contact"},
    Route{"GET", "/api/campaigns/{campaignId}/export", TL_CAMPAIGNS "ExportCampaign",
          "Contacts, attempts or decisions as a file of at most 16 MiB", RouteKind::kExport},
    Route{"POST", "/api/campaigns/{campaignId}/import", TL_CONTACTS "ImportContacts",
          "Brings contacts in: a file, or a piece of one, of at most 1 MiB", RouteKind::kImport},
    Route{"GET", "/api/campaigns/{campaignId}/contacts", TL_CONTACTS "ListContacts",
          "A campaign's contacts, by position"},
    Route{"GET", "/api/campaigns/{campaignId}/contacts/{contactId}", TL_CONTACTS "GetContact",
          "A contact and its attempts"},
    Route{"DELETE", "/api/campaigns/{campaignId}/contacts/{contactId}", TL_CONTACTS "RemoveContact",
          "Takes a contact out"},
    Route{"GET", "/api/contact-imports/{importId}", TL_CONTACTS "GetContactImport", "How far an import is"},
    Route{"GET", "/api/contact-imports/{importId}/errors", TL_CONTACTS "ListContactImportErrors",
          "What was wrong with rows of an import"},
    Route{"GET", "/api/suppressions", TL_SUPPRESSIONS "ListSuppressions", "A do-not-call list, by number"},
    Route{"POST", "/api/suppressions", TL_SUPPRESSIONS "AddSuppressions", "Adds numbers to do-not-call lists"},
    Route{"POST", "/api/suppressions/remove", TL_SUPPRESSIONS "RemoveSuppressions",
          "Takes numbers off a do-not-call list"},
    Route{"GET", "/openapi.json", "", "This document", RouteKind::kDocument},
};

#undef TL_CALLS
#undef TL_RECORDINGS
#undef TL_CAMPAIGNS
#undef TL_CONTACTS
#undef TL_SUPPRESSIONS
#undef TL_CHANNELS

bool IsParameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

std::string_view NameIn(std::string_view segment) { return segment.substr(1, segment.size() - 2); }

// Nothing when the path is not of this form.
std::optional<std::map<std::string, std::string>> MatchPath(std::string_view form, std::string_view path) {
  const std::vector<std::string_view> wanted = Split(form, '/');
  const std::vector<std::string_view> segments = Split(path, '/');
  if (wanted.size() != segments.size()) return std::nullopt;
  std::map<std::string, std::string> parameters;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!IsParameter(wanted[i])) {
      if (wanted[i] != segments[i]) return std::nullopt;
      continue;
    }
    if (segments[i].empty()) return std::nullopt;
    parameters.emplace(NameIn(wanted[i]), PercentDecode(segments[i], /*plus_is_space=*/false));
  }
  return parameters;
}

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

const google::protobuf::MethodDescriptor* MethodOf(const Route& route) {
  // Asked of their own messages, so that every program that has the table has the contracts too.
  static const std::array kContracts = {control::v1::GetCallRequest::descriptor()->file(),
                                        control::v1::GetActiveChannelsRequest::descriptor()->file(),
                                        campaigns::v1::GetCampaignRequest::descriptor()->file(),
                                        campaigns::v1::GetContactRequest::descriptor()->file(),
                                        campaigns::v1::ListSuppressionsRequest::descriptor()->file(),
                                        recordings::v1::GetRecordingRequest::descriptor()->file(),
                                        providers::v1::ListProvidersRequest::descriptor()->file()};
  const size_t slash = route.rpc.find('/');
  for (const google::protobuf::FileDescriptor* file : kContracts) {
    for (int i = 0; i < file->service_count(); ++i) {
      if (file->service(i)->full_name() != route.rpc.substr(0, slash)) continue;
      return file->service(i)->FindMethodByName(std::string(route.rpc.substr(slash + 1)));
    }
  }
  return nullptr;
}

std::vector<std::string_view> ParametersOf(std::string_view path) {
  std::vector<std::string_view> names;
  for (const std::string_view segment : Split(path, '/')) {
    if (IsParameter(segment)) names.push_back(NameIn(segment));
  }
  return names;
}

RouteMatch MatchRoute(std::string_view method, std::string_view path) {
  RouteMatch match;
  std::set<std::string_view> allowed;
  // A path that is written out comes before one with a parameter: "/api/calls/initiate" before "/api/calls/{callId}".
  bool written_out = false;
  for (const Route& route : kRoutes) {
    std::optional<std::map<std::string, std::string>> parameters = MatchPath(route.path, path);
    if (!parameters.has_value() || (written_out && !parameters->empty())) continue;
    if (parameters->empty() && !written_out) {
      written_out = true;
      match = {};
      allowed.clear();
    }
    allowed.insert(route.method);
    if (route.method == "GET") allowed.insert("HEAD");
    if (route.method != (method == "HEAD" ? "GET" : method)) continue;
    match.route = &route;
    match.parameters = *std::move(parameters);
  }
  for (const std::string_view name : allowed) match.allowed += Concat(match.allowed.empty() ? "" : ", ", name);
  return match;
}

}  // namespace trunkline::gateway
