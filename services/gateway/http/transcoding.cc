#include "services/gateway/http/transcoding.h"

#include <google/protobuf/util/json_util.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using Json = nlohmann::json;
using Violations = std::vector<FieldViolation>;

constexpr char kRequestId[] = "request_id";
constexpr size_t kLongestReason = 300;

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

// By the name in JSON or the name in proto, as protobuf's parser takes both.
const FieldDescriptor* FieldOf(const Descriptor& type, const std::string& name) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == name || type.field(i)->name() == name) return type.field(i);
  }
  return nullptr;
}

bool IsWellKnown(const Descriptor& type) { return type.file()->package() == "google.protobuf"; }

// Notes every name that the type does not have.
void FindUnknown(const Json& value, const Descriptor& type, const std::string& path, Violations* unknown) {
  if (!value.is_object() || IsWellKnown(type)) return;
  for (const auto& [name, inner] : value.items()) {
    const std::string here = path.empty() ? name : Concat(path, ".", name);
    const FieldDescriptor* field = FieldOf(type, name);
    if (field == nullptr) {
      unknown->push_back({.field = here, .description = "there is no such field"});
      continue;
    }
    if (field->message_type() == nullptr) continue;
    if (field->is_map()) {
      const Descriptor* mapped = field->message_type()->map_value()->message_type();
      if (mapped == nullptr || !inner.is_object()) continue;
      for (const auto& [key, of_key] : inner.items()) {
        FindUnknown(of_key, *mapped, Concat(here, "[\"", key, "\"]"), unknown);
      }
    } else if (field->is_repeated() && inner.is_array()) {
      for (size_t i = 0; i < inner.size(); ++i) {
        FindUnknown(inner[i], *field->message_type(), Concat(here, "[", i, "]"), unknown);
      }
    } else {
      FindUnknown(inner, *field->message_type(), here, unknown);
    }
  }
}

// Of a body that is a JSON object, but not one of the type.
absl::Status WrongBody(std::string_view body, const Descriptor& type, std::string_view reason) {
  Violations unknown;
  FindUnknown(ParseJson(body), type, "", &unknown);
  if (!unknown.empty()) return InvalidFields(unknown);
  return InvalidFields(
      {{.field = "body", .description = ToStorableText(reason.substr(0, std::min(reason.size(), kLongestReason)))}});
}

absl::Status ReadBody(std::string_view body, Message* message) {
  if (Trim(body).empty()) return absl::OkStatus();
  // Protobuf's parser takes more than JSON: trailing commas, names without quotes.
  if (Trim(body).front() != '{' || !Json::accept(body)) {
    return InvalidFields({{.field = "body", .description = "must be a JSON object"}});
  }
  const auto read = google::protobuf::util::JsonStringToMessage(std::string(body), message);
  if (read.ok()) return absl::OkStatus();
  return WrongBody(body, *message->GetDescriptor(), {read.message().data(), read.message().size()});
}

// A parameter of a query as the JSON of its field; nothing when it cannot be that.
std::optional<Json> JsonOfParameter(const FieldDescriptor& field, const std::string& text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text == "true") return Json(true);
      if (text == "false") return Json(false);
      return std::nullopt;
    case FieldDescriptor::CPPTYPE_ENUM:
      if (field.enum_type()->FindValueByName(text) == nullptr) return std::nullopt;
      return Json(text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      // Times and durations are texts in JSON; nothing else fits into a query.
      if (field.is_map() || !IsWellKnown(*field.message_type())) return std::nullopt;
      return Json(text);
    default:
      return Json(text);
  }
}

absl::Status ReadQuery(std::string_view query, const Alias& alias, Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  Json object = Json::object();
  Violations violations;
  for (const auto& [name, value] : ParseForm(query)) {
    const FieldDescriptor* field = FieldOf(type, name == alias.name ? std::string(alias.field) : name);
    if (field == nullptr) {
      violations.push_back({.field = ToStorableText(name), .description = "there is no such parameter"});
      continue;
    }
    const std::string& json_name = field->json_name();
    if (!field->is_repeated() && object.contains(json_name)) {
      violations.push_back({.field = json_name, .description = "must come once"});
      continue;
    }
    std::optional<Json> json = IsStorableText(value) ? JsonOfParameter(*field, value) : std::nullopt;
    // One by one, so that the error names the parameter.
    if (json.has_value()) {
      const Json alone = {{json_name, field->is_repeated() ? Json::array({*json}) : *json}};
      if (!google::protobuf::util::JsonStringToMessage(WriteJson(alone), NewMessage(type).get()).ok()) json.reset();
    }
    if (!json.has_value()) {
      violations.push_back({.field = json_name, .description = "has no value that the parameter can have"});
    } else if (field->is_repeated()) {
      object[json_name].push_back(*std::move(json));
    } else {
      object[json_name] = *std::move(json);
    }
  }
  if (!violations.empty()) return InvalidFields(violations);
  if (object.empty()) return absl::OkStatus();
  const auto read = google::protobuf::util::JsonStringToMessage(WriteJson(object), message);
  if (read.ok()) return absl::OkStatus();
  return InvalidFields({{.field = "query", .description = "cannot be read"}});
}

// A text that does not come in the body, for a field that the body may have set to the same.
absl::Status SetText(const FieldDescriptor& field, std::string_view value, std::string_view from, Message* message) {
  if (!IsStorableText(value)) {
    return InvalidFields({{.field = field.json_name(), .description = "must be text in UTF-8"}});
  }
  const std::string known = message->GetReflection()->GetString(*message, &field);
  if (!known.empty() && known != value) {
    return InvalidFields({{.field = field.json_name(), .description = Concat("differs from that of the ", from)}});
  }
  message->GetReflection()->SetString(message, &field, std::string(value));
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadQueryInto(std::string_view query, Message* message) { return ReadQuery(query, Alias(), message); }

absl::StatusOr<std::string> RequestOf(const Route& route, const HttpQuestion& question) {
  const Descriptor& type = *MethodOf(route)->input_type();
  const std::unique_ptr<Message> message = NewMessage(type);
  if (route.TakesBody()) {
    TL_RETURN_IF_ERROR(ReadBody(question.body, message.get()));
    if (!question.query.empty()) {
      return InvalidFields({{.field = "query", .description = "must be empty: the request's fields go into the body"}});
    }
  } else {
    TL_RETURN_IF_ERROR(ReadQuery(question.query, route.alias, message.get()));
  }
  for (const auto& [name, value] : question.path_parameters) {
    TL_RETURN_IF_ERROR(SetText(*FieldOf(type, name), value, "path", message.get()));
  }
  if (const FieldDescriptor* request_id = type.FindFieldByName(kRequestId);
      request_id != nullptr && !question.idempotency_key.empty()) {
    TL_RETURN_IF_ERROR(SetText(*request_id, question.idempotency_key, "header Idempotency-Key", message.get()));
  }
  return message->SerializeAsString();
}

absl::StatusOr<std::string> JsonOf(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!written.ok()) return absl::InternalError(Concat("an answer has no JSON: ", written.ToString()));
  return json;
}

absl::StatusOr<std::string> JsonOf(const Route& route, const std::string& response) {
  const std::unique_ptr<Message> message = NewMessage(*MethodOf(route)->output_type());
  if (!message->ParseFromString(response)) return absl::InternalError("an answer of this process cannot be read");
  return JsonOf(*message);
}

}  // namespace trunkline::gateway
