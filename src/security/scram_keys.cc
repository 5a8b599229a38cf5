#include "security/scram_keys.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/invariant.h"
#include "base/result.h"

namespace ottla::security {
namespace {

const EVP_MD* digest_of(ScramHash hash) {
  return hash == ScramHash::sha_256 ? EVP_sha256() : EVP_sha512();
}

std::size_t size_of(ScramHash hash) {
  return static_cast<std::size_t>(EVP_MD_get_size(digest_of(hash)));
}

const unsigned char* bytes_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* bytes_of(std::vector<std::byte>& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

std::vector<std::byte> keyed_hash(ScramHash hash, std::span<const std::byte> key, std::string_view text) {
  std::vector<std::byte> out(size_of(hash));
  unsigned int size = 0;
  const unsigned char* made =
      HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes_of(out), &size);
  OTTLA_INVARIANT(made != nullptr && size == out.size(), "HMAC failed");
  return out;
}

std::vector<std::byte> plain_hash(ScramHash hash, std::span<const std::byte> bytes) {
  std::vector<std::byte> out(size_of(hash));
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), bytes_of(out), &size, digest_of(hash), nullptr);
  OTTLA_INVARIANT(done == 1 && size == out.size(), "a hash failed");
  return out;
}

}  // namespace

Result<std::vector<std::byte>> salted_password(ScramHash hash, std::string_view password,
                                               std::span<const std::byte> salt, std::int32_t iterations) {
  if (password.empty()) return Error(Errc::invalid_argument, "Empty key");
  std::vector<std::byte> out(size_of(hash));
  const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                                     static_cast<int>(salt.size()), iterations, digest_of(hash),
                                     static_cast<int>(out.size()), bytes_of(out));
  OTTLA_INVARIANT(done == 1, "PBKDF2 failed", iterations);
  return out;
}

Result<ScramKeys> scram_keys(ScramHash hash, std::span<const std::byte> salted) {
  if (salted.empty()) return Error(Errc::invalid_argument, "Empty key");
  return ScramKeys{.stored_key = plain_hash(hash, keyed_hash(hash, salted, "Client Key")),
                   .server_key = keyed_hash(hash, salted, "Server Key")};
}

}  // namespace ottla::security
