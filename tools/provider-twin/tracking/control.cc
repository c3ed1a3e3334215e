#include "tools/provider-twin/tracking/control.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/text.h"
#include "tools/provider-twin/control_lists.h"
#include "tools/provider-twin/tracking/control_calls.h"
#include "tools/provider-twin/tracking/draws.h"
#include "tools/provider-twin/tracking/truth.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::tracking {
namespace {

constexpr size_t kTruthPage = 5000;

std::string NoNumber(const Form&) { return {}; }

http::Response Refused(const absl::Status& status) { return Wrong(ToStd(status.message())); }

http::Response NotThere(const http::Request& request) {
  return http::ErrorResponse(404, "NOT_FOUND", Concat("no ", request.method, " ", request.Path()));
}

}  // namespace

Account* Control::AccountOf(const http::Request& request, const std::optional<Json>& body) const {
  std::string id(FindInForm(ParseForm(request.Query()), "account").value_or(""));
  if (id.empty() && body.has_value()) id = Text(*body, "account");
  const auto found = parts_.accounts.find(id.empty() ? parts_.first_account : id);
  return found == parts_.accounts.end() ? nullptr : found->second.get();
}

http::Response Control::Handle(std::string_view path, const http::Request& request) {
  const auto body = ReadObject(request.body);
  if (request.method == "POST" && path == "/accounts") return body ? AddAccount(*body) : Wrong("the body must be JSON");
  if (request.method == "GET") {
    if (path == "/requests") return ListRequests(parts_.log, request.Query(), NoNumber);
    if (path == "/webhooks") return ListWebhooks(parts_.sender, request.Query(), NoNumber);
    if (path == "/stats") return Stats();
  }
  Account* account = AccountOf(request, body);
  if (account == nullptr) return Wrong("there is no such account");
  if (request.method == "GET") return HandleGet(*account, path, request);
  if (request.method == "DELETE" && path.starts_with("/hooks/")) {
    for (Hook& hook : account->hooks) hook.active = hook.active && hook.id != path.substr(7);
    return {.status = 204};
  }
  if (!body) return Wrong("the body must be a JSON object");
  if (request.method == "POST") return HandlePost(*account, path, *body);
  if (request.method != "PUT") return NotThere(request);
  if (path == "/calls") return PutCalls(*account, *body);
  if (path == "/limits") return PutLimits(*account, *body);
  if (path != "/behaviour") return NotThere(request);
  const auto changed = ChangeBehaviour(account->behaviour, request.body);
  if (!changed.ok()) return Refused(changed.status());
  account->behaviour = *changed;
  return http::JsonResponse(200, RenderBehaviour(account->behaviour));
}

http::Response Control::HandlePost(Account& account, std::string_view path, const Json& body) {
  if (path == "/calls") return AddCalls(account, body);
  if (path == "/changes") return ChangeCalls(account, body);
  if (path == "/answers") return PrepareAnswers(account, body);
  if (path == "/hooks") return AddHook(account, body);
  return http::ErrorResponse(404, "NOT_FOUND", Concat("no POST /twin/", parts_.platform.name(), path));
}

http::Response Control::HandleGet(Account& account, std::string_view path, const http::Request& request) const {
  if (path == "/truth") return Truth(account, request.Query());
  if (path == "/limits") return Limits(account);
  if (path == "/hooks") return Hooks(account);
  if (path == "/numbers") return Numbers(account);
  if (path == "/behaviour") return http::JsonResponse(200, RenderBehaviour(account.behaviour));
  return NotThere(request);
}

http::Response Control::AddAccount(const Json& body) {
  const std::string description = Text(body, "description");
  const absl::Status added = parts_.add_account(description);
  if (!added.ok()) return Refused(added);
  const std::string id = description.substr(0, description.find(':'));
  Account& account = *parts_.accounts.find(id)->second;
  account.recording_key = Text(body, "recording_key", account.recording_key);
  return {.status = 204};
}

http::Response Control::AddCalls(Account& account, const Json& body) {
  const uint64_t seed = SeedOf(SeedOf(parts_.world.settings.seed, account.id), account.book.size());
  const auto wish = ReadCallWish(body, seed);
  if (!wish.ok()) return Refused(wish.status());
  const auto telling = ReadTelling(body, Telling::kNews);
  if (!telling.ok()) return Refused(telling.status());
  for (int64_t i = 0; i < wish->count; ++i) {
    parts_.life.Begin(account, MakeCall(*wish, i, account.catalogue), *telling);
  }
  return Answer(201, {{"calls", wish->count}, {"seed", wish->seed}});
}

http::Response Control::PutCalls(Account& account, const Json& body) {
  const auto telling = ReadTelling(body, Telling::kNothing);
  if (!telling.ok()) return Refused(telling.status());
  std::vector<ToldCall> calls;
  for (const Json& json : body.value("calls", Json::array())) {
    auto call = ReadCall(json, account);
    if (!call.ok()) return Refused(call.status());
    calls.push_back(*std::move(call));
  }
  for (ToldCall& told : calls) parts_.life.Put(account, told.call, told.id, std::move(told.tags), *telling);
  return {.status = 204};
}

http::Response Control::ChangeCalls(Account& account, const Json& body) {
  const auto wish = ReadChangeWish(body);
  if (!wish.ok()) return Refused(wish.status());
  const SortedCalls& all = account.book.by_start();
  const size_t first = all.CountBefore(wish->from_ms);
  const size_t last = all.CountBefore(wish->to_ms);
  int64_t changes = 0;
  Chance& chance = parts_.world.chance;
  // Before any of them changes: the order is by their start, but a deleted one leaves it.
  for (const uint32_t number : all.Ascending(first, last - first)) {
    const Call& call = account.book.At(number);
    if (!call.IsSettled() || call.deleted_ms != 0 || !chance.Happens(wish->percent / 100)) continue;
    const auto which = static_cast<size_t>(chance.Fraction() * static_cast<double>(wish->kinds.size()));
    const ChangeKind kind = wish->kinds[which];
    ++changes;
    if (wish->over_ms == 0) {
      parts_.life.Change(account, number, kind, wish->tells);
    } else {
      const auto ms = static_cast<int64_t>(chance.Fraction() * static_cast<double>(wish->over_ms));
      parts_.life.ChangeLater(account, number, kind, wish->tells, ms);
    }
  }
  return Answer(200, {{"changes", changes}});
}

http::Response Control::PutLimits(Account& account, const Json& body) {
  std::vector<Limit> limits;
  for (const Json& json : body.value("limits", Json::array())) {
    const Json most = json.value("most", Json());
    Limit limit{Text(json, "resource"), Text(json, "unit"), most.is_number_integer() ? most.get<int64_t>() : 0};
    if (limit.resource.empty() || limit.most <= 0 || LengthOf(limit.unit) == absl::ZeroDuration()) {
      return Wrong("a limit has resource, unit (second, minute, hour, day) and most");
    }
    limits.push_back(std::move(limit));
  }
  account.windows.SetLimits(std::move(limits));
  return Limits(account);
}

http::Response Control::PrepareAnswers(Account& account, const Json& body) {
  RestReply reply;
  const Json status = body.value("status", Json(200));
  const Json times = body.value("times", Json(1));
  const Json delay = body.value("delay_ms", Json(0));
  if (!status.is_number_integer() || !times.is_number_integer() || !delay.is_number()) {
    return Wrong("status, times and delay_ms are numbers");
  }
  reply.response.status = status.get<int>();
  reply.response.body = Text(body, "body");
  const Json headers = body.value("headers", Json::object());
  for (const auto& [name, value] : headers.items()) {
    if (value.is_string()) reply.response.headers.emplace_back(name, value.get<std::string>());
  }
  reply.lost = body.value("lost", Json(false)) == true;
  reply.delay = absl::Milliseconds(delay.get<double>());
  for (int64_t i = 0; i < std::clamp<int64_t>(times.get<int64_t>(), 0, 100'000); ++i) account.prepared.push_back(reply);
  return {.status = 204};
}

http::Response Control::AddHook(Account& account, const Json& body) {
  Hook hook;
  hook.event = Text(body, "event");
  hook.url = Text(body, "url");
  if (hook.event.empty() || hook.url.empty()) return Wrong("event and url are needed");
  hook.method = Text(body, "method", parts_.platform.name() == "trackdrive" ? "POST" : "GET");
  hook.body = Text(body, "body");
  hook.content_type = Text(body, "content_type", hook.content_type);
  const Json headers = body.value("headers", Json::object());
  for (const auto& [name, value] : headers.items()) {
    if (value.is_string()) hook.headers.emplace_back(name, value.get<std::string>());
  }
  hook.id = account.NextId();
  account.hooks.push_back(hook);
  return Answer(201, {{"id", hook.id}});
}

http::Response Control::Truth(const Account& account, std::string_view query_text) const {
  const Form query = ParseForm(query_text);
  const auto number_of = [&](std::string_view name, size_t usual) {
    return static_cast<size_t>(
        std::max<int64_t>(ParseInt(FindInForm(query, name).value_or("")).value_or(static_cast<int64_t>(usual)), 0));
  };
  size_t number = number_of("offset", 0);
  const size_t limit = number_of("limit", kTruthPage);
  const auto id = FindInForm(query, "id");
  const auto changed_since = TimeIn(FindInForm(query, "changed_since").value_or(""));
  ArrayText calls;
  if (id.has_value()) {
    if (const auto found = account.book.Find(*id)) calls.Add(TruthOf(parts_.platform, account, *found));
    number = account.book.size();
  }
  for (size_t taken = 0; taken < limit && number < account.book.size(); ++number) {
    const auto call = static_cast<uint32_t>(number);
    if (changed_since && account.book.At(call).changed_ms < *changed_since) continue;
    calls.Add(TruthOf(parts_.platform, account, call));
    ++taken;
  }
  ObjectText answer;
  answer.Number("total", static_cast<int64_t>(account.book.size()));
  if (number < account.book.size()) {
    answer.Number("next", static_cast<int64_t>(number));
  } else {
    answer.Null("next");
  }
  answer.Text("now", UtcTime(parts_.life.NowMs(account))).Raw("calls", calls.Take());
  return http::JsonResponse(200, answer.Take());
}

http::Response Control::Limits(const Account& account) const {
  Json uses = Json::array();
  for (const RequestWindows::Use& use : account.windows.UseOfEach()) {
    uses.push_back({{"resource", use.limit.resource},
                    {"unit", use.limit.unit},
                    {"most", use.limit.most == 0 ? Json(nullptr) : Json(use.limit.most)},
                    {"highest", use.highest},
                    {"highest_at", Time(use.highest_at)},
                    {"refused", use.refused}});
  }
  Json limits = Json::array();
  for (const Limit& limit : account.windows.limits()) {
    limits.push_back({{"resource", limit.resource}, {"unit", limit.unit}, {"most", limit.most}});
  }
  return Answer(200, {{"limits", limits}, {"use", uses}});
}

http::Response Control::Hooks(const Account& account) const {
  Json hooks = Json::array();
  for (const Hook& hook : account.hooks) {
    hooks.push_back(
        {{"id", hook.id}, {"event", hook.event}, {"url", hook.url}, {"method", hook.method}, {"active", hook.active}});
  }
  return Answer(200, {{"hooks", hooks}});
}

http::Response Control::Numbers(const Account& account) const {
  Json numbers = Json::array();
  for (const Number& number : account.catalogue.numbers) {
    numbers.push_back({{"id", number.id},
                       {"number", number.number},
                       {"toll_free", number.toll_free},
                       {"campaign_id", number.campaign_id},
                       {"publisher_id", number.publisher_id},
                       {"provisioned_at", UtcTime(number.provisioned_ms)},
                       {"released", number.released_ms != 0}});
  }
  return Answer(200, {{"numbers", numbers}});
}

http::Response Control::Stats() const {
  int64_t calls = 0;
  int64_t ended = 0;
  for (const auto& [id, account] : parts_.accounts) {
    calls += static_cast<int64_t>(account->book.size());
    ended += static_cast<int64_t>(account->book.by_end().size());
  }
  return ShowStats(calls, calls - ended, parts_.sender, parts_.log);
}

}  // namespace trunkline::twin::tracking
