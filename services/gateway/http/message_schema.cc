#include "services/gateway/http/message_schema.h"

#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using OrderedJson = nlohmann::ordered_json;

constexpr char kWholeNumber[] = "^-?[0-9]+$";
constexpr char kDuration[] = "^-?[0-9]+(\\.[0-9]+)?s$";

// Null for a message that has no form of its own in JSON.
OrderedJson OfWellKnown(const Descriptor& type) {
  if (type.full_name() == "google.protobuf.Timestamp") return {{"type", "string"}, {"format", "date-time"}};
  if (type.full_name() == "google.protobuf.Duration") return {{"type", "string"}, {"pattern", kDuration}};
  return {};
}

OrderedJson OfEnum(const google::protobuf::EnumDescriptor& type) {
  OrderedJson values = OrderedJson::array();
  for (int i = 0; i < type.value_count(); ++i) values.push_back(type.value(i)->name());
  return {{"type", "string"}, {"enum", std::move(values)}};
}

}  // namespace

OrderedJson MessageSchemas::ReferenceTo(const Descriptor& type) {
  if (!schemas_.contains(type.full_name())) {
    // First, since a message may hold itself.
    schemas_[type.full_name()] = nullptr;
    OrderedJson properties = OrderedJson::object();
    for (int i = 0; i < type.field_count(); ++i) properties[type.field(i)->json_name()] = Of(*type.field(i));
    schemas_[type.full_name()] = {
        {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  }
  return {{"$ref", Concat("#/components/schemas/", type.full_name())}};
}

OrderedJson MessageSchemas::Of(const FieldDescriptor& field) {
  if (field.is_map()) {
    return {{"type", "object"}, {"additionalProperties", OfOne(*field.message_type()->map_value())}};
  }
  if (field.is_repeated()) return {{"type", "array"}, {"items", OfOne(field)}};
  return OfOne(field);
}

OrderedJson MessageSchemas::OfOne(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}};
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      // JavaScript's numbers are not exact enough.
      return {{"type", "string"}, {"pattern", kWholeNumber}};
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {{"type", "number"}};
    case FieldDescriptor::CPPTYPE_ENUM:
      return OfEnum(*field.enum_type());
    case FieldDescriptor::CPPTYPE_STRING:
      return {{"type", "string"}};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const OrderedJson known = OfWellKnown(*field.message_type());
  return known.is_null() ? ReferenceTo(*field.message_type()) : known;
}

}  // namespace trunkline::gateway
