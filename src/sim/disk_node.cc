#include "sim/disk_node.h"

#include <algorithm>
#include <utility>

namespace ottla::sim {
namespace {

constexpr std::uint64_t kSector = 512;

}  // namespace

std::string CrashReport::text() const {
  return std::to_string(operations) + " changes were not synced: " + std::to_string(writes_lost) +
         " writes lost, " + std::to_string(writes_torn) + " torn, " + std::to_string(names_lost) +
         " names lost";
}

std::vector<std::byte> FileData::copy(std::uint64_t from, std::uint64_t to) const {
  to = std::min(to, content_.size());
  std::vector<std::byte> bytes(from < to ? to - from : 0);
  if (!bytes.empty()) content_.read(from, bytes);
  return bytes;
}

void FileData::set_size(std::uint64_t size) {
  used_ = used_ - content_.size() + size;
  content_.resize(size);
}

void FileData::put(std::uint64_t offset, std::span<const std::byte> bytes) {
  used_ -= content_.size();
  content_.write(offset, bytes);
  used_ += content_.size();
}

void FileData::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  changes_.push_back({offset, bytes.size(), content_.size(), copy(offset, offset + bytes.size())});
  put(offset, bytes);
}

void FileData::resize(std::uint64_t size) {
  if (size == content_.size()) return;
  changes_.push_back({size, 0, content_.size(), copy(size, content_.size())});
  set_size(size);
}

void FileData::replace(Content content) {
  used_ -= content_.size();
  content_ = std::move(content);
  used_ += content_.size();
  first_ += changes_.size();
  changes_.clear();
}

void FileData::rot(std::uint64_t at, std::byte flipped) {
  std::byte byte{};
  content_.read(at, {&byte, 1});
  byte ^= flipped;
  content_.write(at, {&byte, 1});
}

void FileData::make_durable(std::uint64_t mark) {
  for (std::uint64_t i = first_; i < mark; ++i) {
    Change& change = changes_[i - first_];
    if (change.state == State::unsynced) change.state = State::durable;
  }
  while (!changes_.empty() && changes_.front().state == State::durable) {
    changes_.pop_front();
    ++first_;
  }
}

void FileData::orphan(std::uint64_t mark) {
  for (std::uint64_t i = first_; i < mark; ++i) {
    Change& change = changes_[i - first_];
    if (change.state == State::unsynced) change.state = State::orphaned;
  }
}

std::vector<FileData::Redo> FileData::take_back_all() {
  std::vector<Redo> redo(changes_.size());
  while (!changes_.empty()) {
    Change& change = changes_.back();
    const bool resizes = change.length == 0;
    redo[changes_.size() - 1] = {
        change.offset,
        resizes ? std::vector<std::byte>() : copy(change.offset, change.offset + change.length), resizes,
        change.state};
    set_size(change.old_size);
    if (!change.old_bytes.empty()) put(change.offset, change.old_bytes);
    changes_.pop_back();
  }
  return redo;
}

void FileData::redo(const Redo& change, Random& random, CrashReport& report) {
  if (change.resizes) return set_size(change.offset);
  const std::uint64_t fate = change.state == State::durable ? 0 : random.below(16);
  if (fate < 12 || change.bytes.size() < 2) return put(change.offset, change.bytes);
  ++report.writes_torn;
  if (fate < 14) {  // some of its first bytes
    return put(change.offset, std::span(change.bytes).first(1 + random.below(change.bytes.size() - 1)));
  }
  const std::uint64_t end = change.offset + change.bytes.size();
  for (std::uint64_t at = change.offset; at < end;) {  // some of its sectors
    const std::uint64_t next = std::min(end, (at / kSector + 1) * kSector);
    if (random.chance(1, 2)) put(at, std::span(change.bytes).subspan(at - change.offset, next - at));
    at = next;
  }
}

void FileData::crash(Survival survival, Random& random, CrashReport& report) {
  report.operations += changes_.size();
  first_ += changes_.size();
  const std::vector<Redo> changes = take_back_all();
  const std::uint64_t kept =
      survival == Survival::prefix && !changes.empty() ? random.below(changes.size() + 1) : 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    bool survives = changes[i].state == State::durable || survival == Survival::everything;
    if (survival == Survival::prefix) survives |= i < kept;
    if (survival == Survival::any_subset) survives |= random.chance(1, 2);
    if (changes[i].state == State::orphaned) survives = random.chance(1, 4);
    if (survives) {
      redo(changes[i], random, report);
    } else {
      ++report.writes_lost;
    }
    report.note(survives ? changes[i].offset + 1 : 0);
  }
  report.note(content_.size());
}

}  // namespace ottla::sim
