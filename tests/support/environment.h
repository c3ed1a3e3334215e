// What `./trunkline test` gives to integration tests.
#pragma once

#include <string>

namespace trunkline::testing_support {

// The value of an environment variable; ends the test program with an explanation when it is not set.
std::string Required(const char* variable);

// A real Apache Kafka, and librdkafka's mock cluster.
inline std::string ApacheKafka() { return Required("TRUNKLINE_TEST_KAFKA_BOOTSTRAP"); }
inline std::string EmbeddedKafka() { return Required("TRUNKLINE_TEST_EMBEDDED_KAFKA_BOOTSTRAP"); }

}  // namespace trunkline::testing_support
