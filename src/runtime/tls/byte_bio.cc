#include "runtime/tls/byte_bio.h"

#include <openssl/bio.h>

#include <algorithm>
#include <cstring>

namespace ottla {
namespace {

ByteBio& bytes_of(BIO* bio) {
  return *static_cast<ByteBio*>(BIO_get_data(bio));
}

int read_bytes(BIO* bio, char* out, std::size_t capacity, std::size_t* taken) {
  ByteBio& bytes = bytes_of(bio);
  BIO_clear_retry_flags(bio);
  *taken = std::min(capacity, bytes.input.size());
  if (*taken == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(out, bytes.input.data(), *taken);
  bytes.input = bytes.input.subspan(*taken);
  return 1;
}

int write_bytes(BIO* bio, const char* from, std::size_t size, std::size_t* taken) {
  ByteBio& bytes = bytes_of(bio);
  BIO_clear_retry_flags(bio);
  *taken = std::min(size, bytes.output.size() - bytes.output_size);
  if (*taken == 0) {
    BIO_set_retry_write(bio);
    return -1;
  }
  std::memcpy(bytes.output.data() + bytes.output_size, from, *taken);
  bytes.output_size += *taken;
  return 1;
}

long control(BIO*, int command, long, void*) {
  // Whoever owns the windows flushes them; everything else that a BIO may be asked does not apply.
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* byte_bio_method() {
  static const BIO_METHOD* method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes");
    BIO_meth_set_read_ex(made, &read_bytes);
    BIO_meth_set_write_ex(made, &write_bytes);
    BIO_meth_set_ctrl(made, &control);
    return made;
  }();
  return method;
}

}  // namespace

bio_st* make_byte_bio(ByteBio& bytes) {
  BIO* bio = BIO_new(byte_bio_method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &bytes);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace ottla
