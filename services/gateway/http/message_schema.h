// JSON Schemas of protobuf messages, as protobuf's mapping to JSON has them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "google/protobuf/descriptor.h"

namespace trunkline::gateway {

class MessageSchemas {
 public:
  // A reference to the schema of a message, which is made when it is first asked for, with all that it holds.
  nlohmann::ordered_json ReferenceTo(const google::protobuf::Descriptor& type);
  // The schema of a field's value.
  nlohmann::ordered_json Of(const google::protobuf::FieldDescriptor& field);
  // Adds a schema that is of no message.
  void Add(const std::string& name, nlohmann::ordered_json schema) { schemas_[name] = std::move(schema); }
  // All that were made, by the message's full name.
  const nlohmann::ordered_json& all() const { return schemas_; }

 private:
  nlohmann::ordered_json OfOne(const google::protobuf::FieldDescriptor& field);

  nlohmann::ordered_json schemas_ = nlohmann::ordered_json::object();
};

}  // namespace trunkline::gateway
