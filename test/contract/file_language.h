// The small language in which stories about files are told.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "test/contract/world_under_test.h"

namespace ottla::contract {

inline FileSystem& files() {
  return this_shard().files();
}
inline std::string at(const Place& place, std::string_view name) {
  return place.directory + '/' + std::string(name);
}

inline Chain text(std::string_view bytes) {
  return Chain(Slice::copy_of(bytes));
}
// Bytes that differ from place to place, so that a swap or a shift shows.
inline std::string pattern(std::size_t size, unsigned seed = 1) {
  std::string out(size, '\0');
  for (char& byte : out) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<char>(seed >> 24);
  }
  return out;
}

// "ok", or the name of the error.
template <typename T>
Task<std::string> outcome(Task<Result<T>> task) {
  const Result<T> result = co_await std::move(task);
  co_return result.ok() ? std::string("ok") : std::string(name_of(result.error().code()));
}
// The value of what must succeed.
template <typename T>
Task<T> must(Task<Result<T>> task) {
  Result<T> result = co_await std::move(task);
  co_return std::move(result).value();
}
inline Task<void> must(Task<Result<void>> task) {
  const Result<void> result = co_await std::move(task);
  result.value();
}

inline Task<std::unique_ptr<File>> open_new(std::string path) {
  return must(files().open(std::move(path), kCreateNew));
}
// At most `limit` bytes from `offset` on.
inline Task<std::string> read(File& file, std::uint64_t offset, std::size_t limit) {
  std::string out(limit, '?');
  out.resize(co_await must(file.read_at(offset, std::as_writable_bytes(std::span(out)))));
  co_return out;
}
inline Task<std::string> content(File& file) {
  co_return co_await read(file, 0, file.size() + 1);
}
inline Task<void> write_file(std::string path, std::string bytes) {
  const std::unique_ptr<File> file = co_await must(files().open(std::move(path), kOpenOrCreate));
  co_await must(file->append(text(bytes)));
  co_await file->close();
}
inline Task<std::string> content_of(std::string path) {
  const std::unique_ptr<File> file = co_await must(files().open(std::move(path), kReadOnly));
  std::string out = co_await content(*file);
  co_await file->close();
  co_return out;
}
// "a b/ c": the names in a directory, directories with a slash.
inline Task<std::string> names_in(std::string path) {
  std::string out;
  for (const DirectoryEntry& entry : co_await must(files().list(std::move(path)))) {
    out += (out.empty() ? "" : " ") + entry.name + (entry.is_directory ? "/" : "");
  }
  co_return out;
}

}  // namespace ottla::contract
