#include "security/scram_keys.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"

namespace ottla::security {
namespace {

std::vector<std::byte> bytes(std::string_view base64) {
  const std::string text = base64_decode(base64, Base64Alphabet::standard).value();
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

std::string text(const std::vector<std::byte>& bytes) {
  return base64_encode(bytes, Base64Alphabet::standard, Base64Padding::equals);
}

ScramKeys keys_of(ScramHash hash, std::string_view password, std::string_view salt, int iterations) {
  return scram_keys(hash, salted_password(hash, password, bytes(salt), iterations).value()).value();
}

// Kept and sent in the example of RFC 7677: its server signature comes from this server key.
TEST(ScramKeys, AreThoseOfAKnownCredential) {
  const ScramKeys keys = keys_of(ScramHash::sha_256, "pencil", "W22ZaJ0SNY7soEsUEjb6gQ==", 4096);
  EXPECT_EQ(text(keys.stored_key), "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
  EXPECT_EQ(text(keys.server_key), "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST(ScramKeys, HaveTheSizeOfTheirHash) {
  const ScramKeys keys = keys_of(ScramHash::sha_512, "pencil", "AAAA", 4096);
  EXPECT_EQ(keys.stored_key.size(), 64U);
  EXPECT_EQ(keys.server_key.size(), 64U);
  EXPECT_NE(keys.stored_key, keys.server_key);
}

TEST(ScramKeys, DependOnAllThatIsGiven) {
  const auto stored = [](std::string_view password, std::string_view salt, int iterations) {
    return keys_of(ScramHash::sha_256, password, salt, iterations).stored_key;
  };
  const auto one = stored("a", "AAAA", 4096);
  EXPECT_EQ(one, stored("a", "AAAA", 4096));
  EXPECT_NE(one, stored("b", "AAAA", 4096));
  EXPECT_NE(one, stored("a", "AAAB", 4096));
  EXPECT_NE(one, stored("a", "AAAA", 4097));
}

TEST(ScramKeys, RefuseWhatIsEmpty) {
  EXPECT_FALSE(salted_password(ScramHash::sha_256, "", bytes("AAAA"), 4096).ok());
  EXPECT_FALSE(scram_keys(ScramHash::sha_256, {}).ok());
}

}  // namespace
}  // namespace ottla::security
