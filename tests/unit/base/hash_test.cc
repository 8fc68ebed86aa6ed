#include "nbreplay/base/hash.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

TEST(Sha256, AgreesWithThePublishedVector) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hasher, SeparatesFieldsByTheirLength) {
  EXPECT_NE(Hasher().add("ab").add("c").hex(), Hasher().add("a").add("bc").hex());
  EXPECT_EQ(Hasher().add("ab").add("c").hex(), Hasher().add("ab").add("c").hex());
}

TEST(Hasher, ConcatenatesRawBytes) {
  EXPECT_EQ(Hasher().add_raw("a").add_raw("bc").hex(), sha256_hex("abc"));
}

TEST(Uuid3, AgreesWithPythonsUuidModule) {
  EXPECT_EQ(uuid3_dns("python.org"), "6fa459ea-ee8a-3ca4-894e-db77e160355e");
}

}  // namespace
}  // namespace nbreplay
