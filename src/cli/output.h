// Where a tool's text goes: gathered here and written in large pieces.
//
// Lifetime:    flush() before it goes; its end writes nothing.
// Concurrency: confined to one shard. Writing blocks the thread: a tool has nothing else to do.
// Errors:      the first one stays, and what is written after it is dropped; who loops long asks failed().
#pragma once

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"

namespace ottla::cli {

class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  void write(std::string_view text) {
    if (text.size() >= kPiece) {
      put_gathered();
      return put_now(text);
    }
    gathered_ += text;
    if (gathered_.size() >= kPiece) put_gathered();
  }
  Result<> flush() {
    put_gathered();
    return error_ ? Result<>(*error_) : Result<>();
  }
  bool failed() const { return error_.has_value(); }

 protected:
  // Now, and all of it.
  virtual Result<> put(std::string_view text) = 0;

 private:
  static constexpr std::size_t kPiece = std::size_t{64} * 1024;

  void put_gathered() {
    put_now(gathered_);
    gathered_.clear();
  }
  void put_now(std::string_view text) {
    if (error_ || text.empty()) return;
    if (Result<> done = put(text); !done.ok()) error_ = std::move(done).error();
  }

  std::string gathered_;
  std::optional<Error> error_;
};

// Standard output or standard error.
class StandardOutput final : public Output {
 public:
  explicit StandardOutput(std::FILE* file) : file_(file) {}

 protected:
  // closed, when nobody reads any more: a tool ends quietly then.
  Result<> put(std::string_view text) override;

 private:
  std::FILE* file_;
};

// For tests.
class TextOutput final : public Output {
 public:
  const std::string& text() {
    static_cast<void>(flush());
    return text_;
  }

 protected:
  Result<> put(std::string_view text) override {
    text_ += text;
    return {};
  }

 private:
  std::string text_;
};

}  // namespace ottla::cli
