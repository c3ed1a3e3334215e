// What the synchronization asks of a call-tracking platform's adapter.
//
// Nothing is kept of an account: it comes with each call. Thread-safe. Every function may ask the platform several
// times; each request passes the RequestGate of the options first, which counts it, lets it wait, or refuses it.
// Functions fail as tracking_error.h says and ask nothing twice by themselves; what a platform lacks answers
// Unsupported(), before any request is sent.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/tracking/account_settings.h"
#include "libs/tracking/object_reader.h"
#include "libs/tracking/tracked_call.h"
#include "trunkline/tracking/v1/feature.pb.h"

namespace trunkline::tracking {

// Of the last request that an answer was made of: how our clock and the platform's lie, and what it cost.
struct Receipt {
  absl::Time sent_at;
  absl::Time answered_at;
  std::optional<absl::Time> server_time = std::nullopt;  // its Date header
  int requests = 0;                                      // that were sent for the whole answer

  // Server time minus ours at the middle of the request; nothing without a Date header.
  std::optional<absl::Duration> ClockOffset() const;
};

template <typename T>
struct Answer {
  T value = {};
  Receipt receipt = {};
};

// Where a list goes on: the platform's own mark. To be kept and given back as it is; it holds no URL and no secret.
struct Position {
  std::string kind;  // "page", "cursor" or "offset"
  std::string value;

  bool operator==(const Position&) const = default;
};

template <typename T>
struct Page {
  std::vector<T> items = {};
  std::optional<Position> next = std::nullopt;  // nothing on the last page
  std::optional<int64_t> total = std::nullopt;  // of the whole list, where the platform counts it
  Receipt receipt = {};
};

// A call as the platform's API told it.
struct PlatformCall {
  std::string body;  // the call object for webhooks.v1.PlatformRecord: JSON, secrets cut out
  TrackedCall call;  // what it says
  absl::Time requested_at;
};
// An element of a list that is no call; it stops nothing.
struct BadCall {
  std::string external_id;  // as far as it can be read
  std::string body;         // secrets cut out, at most 64 KiB
  std::string error;
};
struct CallPage : Page<PlatformCall> {
  std::vector<BadCall> bad = {};
};

// Which time of a call a range is about.
enum class CallTime { kStarted, kEnded, kChanged };

// Which calls to list. An empty text stands for any.
struct CallQuery {
  CallTime time = CallTime::kStarted;
  // No platform says whether its ranges hold their ends, so a second more is asked for on either side: calls of
  // neighbouring ranges come twice, and none is missed.
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
  // Last changed first, instead of oldest first: FEATURE_LIST_LAST_CHANGED. Of the range only `from` counts, with
  // CallTime::kChanged and FEATURE_LIST_BY_CHANGE: an upper end would let calls that change meanwhile slip away.
  bool last_changed_first = false;
  bool only_live = false;      // FEATURE_LIST_LIVE_CALLS
  bool only_adjusted = false;  // FEATURE_LIST_ADJUSTED
  std::string caller = {};     // E.164
  std::string campaign_id = {};
  std::string publisher_id = {};
  std::string buyer_id = {};
  // Where the platform cannot filter by it, other calls are dropped from each page; this does not end the list.
  std::optional<calls::v1::CallStatus> status = std::nullopt;
  int size = 0;  // calls to a page; 0: the account's sync_batch_size
  // Columns that the account turned out not to know (UNKNOWN_COLUMN).
  std::vector<std::string> without_columns = {};
};

// What to change of a call; what is not set stays.
struct CallUpdate {
  std::optional<Tags> tags = std::nullopt;  // each is added or replaced
  std::optional<int64_t> revenue = std::nullopt;
  std::optional<int64_t> payout = std::nullopt;
  std::optional<bool> converted = std::nullopt;
  std::string reason = {};
};
// Carried out in the order tags, money, conversion; each part may be repeated.
struct CallUpdateOutcome {
  std::vector<std::string> done;  // "tags", "money", "conversion"
  std::string failed;             // the part that failed, and all after it were not tried; empty: none
  absl::Status status;            // of the failed part
  std::optional<PlatformCall> call = std::nullopt;  // as it is now
};

// A webhook at the platform.
struct WebhookEntry {
  std::string event;        // of our URL
  std::string label;        // what it is called in the platform's pages
  std::string url;          // to enter, with the account's secret
  std::string external_id;  // at the platform, once it is there; empty when a person must enter it
};
struct WebhookRegistration {
  bool person_needed = false;  // the entries' URLs must be entered by hand
  std::vector<WebhookEntry> entries = {};
};

// What became of a webhook that the platform sent.
struct WebhookDelivery {
  std::string event;  // of our URL
  std::optional<absl::Time> sent_at = std::nullopt;
  bool delivered = false;
  int http_status = 0;  // what we answered; 0 where the platform does not tell
};

enum class NumberStatus { kActive, kPaused, kReleased, kPending };
struct TrackingNumber {
  std::string id;
  std::string number;  // E.164
  bool toll_free = false;
  std::string country;
  std::string campaign_id;
  std::string publisher_id;
  NumberStatus status = NumberStatus::kActive;
  std::optional<absl::Time> provisioned_at = std::nullopt;
};
struct NumberOrder {
  bool toll_free = false;
  std::string country = "US";
  std::string area_code = {};
  bool any_area = false;  // another area code will do
  std::string campaign_id = {};
  std::string publisher_id = {};
  std::string sub_id = {};
  std::string vanity_text = {};
  bool keep_on_partial_failure = false;  // when the number could not be tied to its campaign
};
struct ProvisionedNumber {
  TrackingNumber number;
  std::vector<std::string> warnings;  // "area_code_ignored"
};

enum class CampaignStatus { kActive, kPaused, kDeleted };
struct Campaign {
  std::string id;
  std::string key;  // the business's own id
  std::string name;
  CampaignStatus status = CampaignStatus::kActive;
  std::optional<absl::Time> created_at = std::nullopt;
  std::optional<absl::Time> updated_at = std::nullopt;
};

// Sums over a range of time, in 1/10,000 of the unit.
struct CallReport {
  int64_t calls = 0;
  int64_t converted = 0;
  std::optional<int64_t> answered = std::nullopt;
  int64_t revenue = 0;
  std::optional<int64_t> payout = std::nullopt;  // nothing where the report does not tell it
  int64_t cost = 0;
  std::string currency = "USD";
  bool summed_calls = false;  // of the calls themselves: the platform's report could not be had
};

// Takes an element of a list in: redacted, read, dropped when it has another status than asked for, in `bad` when it is
// no call.
void AddCall(nlohmann::json object, absl::StatusOr<TrackedCall> (*read)(const nlohmann::json&, Extent),
             const Account& account, const std::optional<calls::v1::CallStatus>& only, CallPage* page);
// The ends of a query's range, a second further apart, for ranges with two ends. InfinitePast and InfiniteFuture stay.
absl::Time WidenedFrom(const CallQuery& query);
absl::Time WidenedTo(const CallQuery& query);
// Of a position of this kind, as a whole number; `first` without one. Nothing for another kind or a malformed one.
std::optional<int64_t> NumberOf(const std::optional<Position>& position, std::string_view kind, int64_t first);
// Calls to a page, as asked for or as the account says.
int PageSizeOf(const CallQuery& query, const Account& account, const SyncSettings& defaults);

class PlatformClient {
 public:
  // `platform` is the name that Unsupported() tells.
  explicit PlatformClient(std::string_view platform) : platform_(platform) {}
  virtual ~PlatformClient() = default;

  // Whether settings and credentials work; nothing is wrong when the list is empty.
  virtual absl::StatusOr<Answer<std::vector<AccountProblem>>> CheckAccount(const Account& account) = 0;

  virtual absl::StatusOr<Answer<PlatformCall>> FetchCall(const Account& account, std::string_view external_id) = 0;
  // At most as many as SyncDefaults::fetch_batch; those that the platform does not know are missing.
  virtual absl::StatusOr<CallPage> FetchCalls(const Account& account, const std::vector<std::string>& external_ids);
  // A page of calls. Nothing: from the beginning. A call that could not be read is in `bad`.
  virtual absl::StatusOr<CallPage> ListCalls(const Account& account, const CallQuery& query,
                                             const std::optional<Position>& position) = 0;
  // Unsupported() before any request when a part of the update is. An error only when nothing was done.
  virtual absl::StatusOr<CallUpdateOutcome> UpdateCall(const Account& account, std::string_view external_id,
                                                       const CallUpdate& update) = 0;

  // Enters the account's webhooks at the platform, or tells what a person must enter. Those that are there already,
  // with the same URL, are taken as they are.
  virtual absl::StatusOr<WebhookRegistration> RegisterWebhooks(const Account& account) = 0;
  // Takes them out again; one that is gone already is no error. Those without external_id are a person's to take out.
  virtual absl::StatusOr<WebhookRegistration> UnregisterWebhooks(const Account& account,
                                                                 const WebhookRegistration& registration) = 0;
  // What the platform tells of the webhooks that it sent to us for a call.
  virtual absl::StatusOr<Answer<std::vector<WebhookDelivery>>> ListDeliveries(const Account& account,
                                                                              std::string_view external_id);

  virtual absl::StatusOr<Page<TrackingNumber>> ListNumbers(const Account& account,
                                                           const std::optional<Position>& position) = 0;
  // Buys: asks once, and an error of TIMEOUT or NETWORK means that it may have been bought; list the numbers then.
  virtual absl::StatusOr<Answer<ProvisionedNumber>> ProvisionNumber(const Account& account,
                                                                    const NumberOrder& order) = 0;
  // By the number, E.164. OK when it was released before.
  virtual absl::Status ReleaseNumber(const Account& account, std::string_view number) = 0;

  virtual absl::StatusOr<Answer<Campaign>> FetchCampaign(const Account& account, std::string_view id) = 0;
  virtual absl::StatusOr<Page<Campaign>> ListCampaigns(const Account& account,
                                                       const std::optional<Position>& position) = 0;

  virtual absl::StatusOr<Answer<CallReport>> FetchReport(const Account& account, absl::Time from, absl::Time to) = 0;

 protected:
  const std::string& platform() const { return platform_; }
  absl::Status Lacks(v1::Feature feature) const;

 private:
  const std::string platform_;
};

}  // namespace trunkline::tracking
