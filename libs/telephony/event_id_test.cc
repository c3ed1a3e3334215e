#include "libs/telephony/event_id.h"

#include <gtest/gtest.h>

namespace trunkline::telephony {
namespace {

TEST(EventIdTest, PartsCannotRunTogether) {
  EXPECT_EQ(EventIdOf("a", "status", {"x", "y"}), EventIdOf("a", "status", {"x", "y"}));
  EXPECT_NE(EventIdOf("a", "status", {"x", "y"}), EventIdOf("a", "status", {"xy", ""}));
  EXPECT_NE(EventIdOf("a", "status", {"x"}), EventIdOf("a", "recording", {"x"}));
  EXPECT_NE(EventIdOf("a", "status", {"x"}), EventIdOf("b", "status", {"x"}));
}

// Ids are stored for years and recomputed from webhooks that come late: a change of the derivation must not go
// unnoticed.
TEST(EventIdTest, IdsNeverChange) {
  EXPECT_EQ(EventIdOf("a", "status", {"x", "y"}), "92b5697a-4ab5-59b5-a83e-68cdfe26ec09");
  EXPECT_EQ(CallIdOf("a", "CA1"), "93aa2818-96c2-5c7c-bbce-ac4daf7ce55e");
}

}  // namespace
}  // namespace trunkline::telephony
