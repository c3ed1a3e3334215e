#include "libs/providers/exotel/campaign_api.h"

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::providers::exotel {
namespace {

// A member of the answer's first object, of its summary, or of the answer itself: the documentation shows no whole
// answer.
std::string Told(const RestAnswer& answer, std::string_view name) {
  for (const nlohmann::json* object : {FirstData(answer), &answer.body}) {
    if (object == nullptr) continue;
    if (std::string text = JsonText(*object, name); !text.empty()) return text;
    if (const nlohmann::json* summary = JsonMember(*object, "summary"); summary != nullptr) {
      if (std::string text = JsonText(*summary, name); !text.empty()) return text;
    }
  }
  return {};
}

}  // namespace

std::string CampaignBody(const CampaignPlan& plan) {
  nlohmann::ordered_json campaign = {{"name", plan.name},
                                     {"caller_id", plan.caller_id},
                                     {"campaign_type", "static"},
                                     {"type", "trans"},
                                     {"url", plan.flow_url},
                                     {"call_duplicate_numbers", false},
                                     {"call_status_callback", plan.call_status_callback},
                                     {"custom_field", plan.custom_field}};
  if (plan.list_sid.empty()) {
    campaign["from"] = plan.numbers;
  } else {
    campaign["lists"] = {plan.list_sid};
  }
  const nlohmann::ordered_json body = {{"campaigns", nlohmann::ordered_json::array({std::move(campaign)})}};
  return WriteJson(body);
}

std::string UploadStatusUrl(const Account& account, const RestAnswer& uploaded) {
  // Only its last part is taken from the URL that is told, so that credentials go to no other host.
  std::string id = Told(uploaded, "upload_id");
  if (id.empty()) {
    const std::string told = Told(uploaded, "url");
    std::string_view url = std::string_view(told).substr(0, told.find('?'));
    while (url.ends_with('/')) url.remove_suffix(1);
    const size_t slash = url.rfind('/');
    id = std::string(slash == std::string_view::npos ? url : url.substr(slash + 1));
  }
  return id.empty() ? std::string() : V2Url(account, Concat("/csv-status/", PercentEncode(id)));
}

Upload ReadUpload(const RestAnswer& answer) {
  Upload upload;
  std::string status = Lower(Told(answer, "status"));
  // The status of the element around it, not of the upload.
  if (status == "success" || status.empty()) status = Lower(Told(answer, "upload_status"));
  if (status == "completed") upload.state = UploadState::kCompleted;
  if (status == "in-progress" || status == "in_progress" || status == "inprogress" || status == "queued") {
    upload.state = UploadState::kInProgress;
  }
  for (const std::string_view name : {"failed", "failures", "failed_count"}) {
    upload.failed += ParseInt(Told(answer, name)).value_or(0);
  }
  return upload;
}

std::string ListSidOf(const RestAnswer& answer, std::string_view name) {
  const nlohmann::json* elements = JsonMember(answer.body, "response");
  if (elements == nullptr || !elements->is_array()) return {};
  for (const nlohmann::json& element : *elements) {
    const nlohmann::json* data = JsonMember(element, "data");
    const nlohmann::json& list = data != nullptr ? *data : element;
    if (JsonText(list, "name") == name) return JsonText(list, "sid");
  }
  return {};
}

}  // namespace trunkline::providers::exotel
