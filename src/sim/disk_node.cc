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

void FileData::redo(const Redo& change, const Fate& fate, CrashReport& report) {
  if (change.resizes) return set_size(change.offset);
  if (fate.kind == Fate::Kind::kept) return put(change.offset, change.bytes);
  ++report.writes_torn;
  if (fate.kind == Fate::Kind::first_bytes) {
    return put(change.offset, std::span(change.bytes).first(std::min(fate.bytes, change.bytes.size())));
  }
  const std::uint64_t end = change.offset + change.bytes.size();
  std::size_t sector = 0;
  for (std::uint64_t at = change.offset; at < end;) {
    const std::uint64_t next = std::min(end, (at / kSector + 1) * kSector);
    if (sector < fate.sectors.size() && fate.sectors[sector]) {
      put(at, std::span(change.bytes).subspan(at - change.offset, next - at));
    }
    at = next;
    ++sector;
  }
}

Fate FileData::draw_tear(const Change& change, Random& random) {
  const std::uint64_t fate = random.below(16);
  if (fate < 12 || change.length < 2) return {};
  if (fate < 14) return {.kind = Fate::Kind::first_bytes, .bytes = 1 + random.below(change.length - 1)};
  Fate torn{.kind = Fate::Kind::some_sectors};
  const std::uint64_t end = change.offset + change.length;
  for (std::uint64_t at = change.offset; at < end; at = (at / kSector + 1) * kSector) {
    torn.sectors.push_back(random.chance(1, 2));
  }
  return torn;
}

std::vector<Fate> FileData::draw_fates(Survival survival, Random& random) const {
  std::vector<Fate> fates;
  const std::uint64_t kept =
      survival == Survival::prefix && !changes_.empty() ? random.below(changes_.size() + 1) : 0;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    bool survives = change.state == State::durable || survival == Survival::everything;
    if (survival == Survival::prefix) survives |= i < kept;
    if (survival == Survival::any_subset) survives |= random.chance(1, 2);
    if (change.state == State::orphaned) survives = random.chance(1, 4);
    if (!survives) {
      fates.push_back({.kind = Fate::Kind::lost});
    } else if (change.state == State::durable || change.length == 0) {
      fates.emplace_back();
    } else {
      fates.push_back(draw_tear(change, random));
    }
  }
  return fates;
}

void FileData::crash(const std::vector<Fate>& fates, CrashReport& report) {
  report.operations += changes_.size();
  first_ += changes_.size();
  const std::vector<Redo> changes = take_back_all();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Fate fate = changes[i].state == State::durable ? Fate() : fates.at(i);
    const bool survives = fate.kind != Fate::Kind::lost;
    if (survives) {
      redo(changes[i], fate, report);
    } else {
      ++report.writes_lost;
    }
    report.note(survives ? changes[i].offset + 1 : 0);
  }
  report.note(content_.size());
}

void FileData::become(const FileData& other) {
  used_ = used_ - content_.size() + other.content_.size();
  content_ = other.content_;
  first_ = other.first_;
  changes_ = other.changes_;
}

}  // namespace ottla::sim
