#include "libs/base/media_type.h"

#include <gtest/gtest.h>

namespace trunkline {
namespace {

TEST(MediaTypeTest, NeitherCaseNorParametersMatter) {
  EXPECT_TRUE(IsJson("application/json"));
  EXPECT_TRUE(IsJson("Application/JSON; charset=utf-8"));
  EXPECT_TRUE(IsJson(" application/json ;charset=utf-8"));
  EXPECT_TRUE(IsForm("application/x-www-form-urlencoded; charset=UTF-8"));
  EXPECT_TRUE(IsForm("APPLICATION/X-WWW-FORM-URLENCODED"));
}

TEST(MediaTypeTest, AnythingElseIsNeither) {
  for (const char* other : {"", ";", "json", "application/jsonp", "application/problem+json", "text/xml",
                            "text/plain; application/json", "multipart/form-data; boundary=x"}) {
    EXPECT_FALSE(IsJson(other)) << other;
    EXPECT_FALSE(IsForm(other)) << other;
  }
}

}  // namespace
}  // namespace trunkline
