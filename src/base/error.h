// What went wrong, as a value: a code to branch on, a text for people, and the error beneath it.
//
// Size:  two words. A code alone (the common case on hot paths) allocates nothing.
// Text:  says what happened, to what, and what to do next.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ottla {

// Codes are ours and coarse: what a caller may want to do differently. Kafka's wire codes live in protocol/.
enum class Errc : std::uint16_t {
  invalid_argument = 1,
  malformed,      // bytes that are not what they claim to be
  truncated,      // bytes that end too early
  too_large,      // over a limit
  out_of_budget,  // memory or another budget is spent
  not_found,
  already_exists,
  not_a_directory,
  is_a_directory,
  not_empty,
  permission_denied,
  busy,  // held by someone else (a lock, an address)
  cancelled,
  timed_out,
  closed,         // this end was closed
  end_of_stream,  // the other end finished in good order
  connection_refused,
  connection_reset,
  unreachable,
  address_in_use,
  address_unavailable,
  no_space,        // ENOSPC, EDQUOT
  io_error,        // EIO
  read_only,       // EROFS
  too_many_files,  // EMFILE, ENFILE
  sync_failed,     // an earlier sync of this file failed; what it covered is unknown
  unsupported,
  tls_failed,
  would_block,
  corrupt,  // data at rest that fails its own check
  system,   // an errno without a code of its own; text names it
};

std::string_view name_of(Errc code);

class [[nodiscard]] Error {
 public:
  // Implicit: `return Errc::truncated;` is the idiom.
  Error(Errc code) : code_(code) {}
  Error(Errc code, std::string text);
  Error(Errc code, std::string text, Error cause);

  // `operation` and `subject` become the text: "open /data/x: No space left on device".
  static Error from_errno(int number, std::string_view operation, std::string_view subject = {});

  Error(const Error& other);
  Error& operator=(const Error& other);
  Error(Error&& other) noexcept : code_(other.code_), detail_(std::exchange(other.detail_, nullptr)) {}
  Error& operator=(Error&& other) noexcept {
    code_ = other.code_;
    std::swap(detail_, other.detail_);
    return *this;
  }
  ~Error() {
    if (detail_ != nullptr) drop_detail();
  }

  Errc code() const { return code_; }
  std::string_view text() const;
  const Error* cause() const;

  // The same failure seen from one level up; keeps the code unless a new one is given.
  Error with_context(std::string text) &&;

  // "no_space: open /data/x: …; caused by: …"
  std::string to_string() const;

  friend bool operator==(const Error& error, Errc code) { return error.code_ == code; }

 private:
  struct Detail;
  void drop_detail();

  Errc code_;
  Detail* detail_ = nullptr;  // owned; a raw pointer keeps moves and the empty destructor inline
};

}  // namespace ottla
