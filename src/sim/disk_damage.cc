// What crashes, rot and loss do to a disk.
#include <algorithm>
#include <functional>
#include <utility>

#include "sim/disk.h"

namespace ottla::sim {

void Disk::process_died() {
  while (!operations_.empty()) operations_.pop_front().process_died(random_);
  locks_.clear();
}

void Disk::crash_names(Survival survival, CrashReport& report) {
  report.operations += names_.size();
  for (auto change = names_.rbegin(); change != names_.rend(); ++change) {
    for (auto edit = change->edits.rbegin(); edit != change->edits.rend(); ++edit) apply(*edit, edit->before);
  }
  const std::size_t kept = survival == Survival::prefix ? random_.below(names_.size() + 1) : 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const NameChange& change = names_[i];
    bool survives = change.durable() || survival == Survival::everything;
    if (survival == Survival::prefix) survives |= i < kept;
    if (survival == Survival::any_subset) survives |= random_.chance(1, 2);
    report.note(survives ? 1 : 0);
    if (!survives) {
      ++report.names_lost;
      continue;
    }
    for (const Edit& edit : change.edits) apply(edit, edit.after);
  }
  first_name_ += names_.size();
  names_.clear();
}

CrashReport Disk::lose_power() {
  CrashReport report;
  const auto draw = [this] { return static_cast<Survival>(random_.below(4)); };
  crash_names(draw(), report);
  for (const FoundFile& file : files("")) {
    file.node->data.crash(draw(), random_, report);
    file.node->cold = true;
    file.node->reserved = 0;
  }
  strikes_.add(Strike::write_lost, report.writes_lost);
  strikes_.add(Strike::write_torn, report.writes_torn);
  strikes_.add(Strike::name_lost, report.names_lost);
  return report;
}

std::vector<Disk::FoundFile> Disk::files(std::string_view part) const {
  std::vector<FoundFile> found;
  const std::function<void(const DiskNode&, const std::string&)> walk = [&](const DiskNode& directory,
                                                                            const std::string& path) {
    for (const auto& [name, child] : directory.entries) {
      const std::string here = path + "/" + name;
      if (child->kind == DiskNode::Kind::directory) {
        walk(*child, here);
      } else if (child->kind == DiskNode::Kind::file && here.find(part) != std::string::npos) {
        found.push_back({here, child});
      }
    }
  };
  walk(*root_, "");
  return found;
}

std::vector<std::string> Disk::paths() const {
  std::vector<std::string> found;
  const std::function<void(const DiskNode&, const std::string&)> walk = [&](const DiskNode& directory,
                                                                            const std::string& path) {
    for (const auto& [name, child] : directory.entries) {
      const bool nested = child->kind == DiskNode::Kind::directory;
      found.push_back(path + "/" + name + (nested ? "/" : ""));
      if (nested) walk(*child, path + "/" + name);
    }
  };
  walk(*root_, "");
  return found;
}

std::string FlippedBit::to_string() const {
  return path + ": bit " + std::to_string(bit) + " of byte " + std::to_string(at);
}

std::optional<FlippedBit> Disk::flip_bit(std::string_view part) {
  std::vector<FoundFile> candidates = files(part);
  std::erase_if(candidates, [](const FoundFile& file) { return file.node->data.content().size() == 0; });
  if (candidates.empty()) return std::nullopt;
  const FoundFile& file = candidates[random_.below(candidates.size())];
  const std::uint64_t at = random_.below(file.node->data.content().size());
  const unsigned bit = static_cast<unsigned>(random_.below(8));
  file.node->data.rot(at, static_cast<std::byte>(1U << bit));
  strikes_.add(Strike::bit_flipped);
  return FlippedBit{.path = file.path, .at = at, .bit = bit};
}

std::string Disk::lose_file(std::string_view part) {
  const std::vector<FoundFile> candidates = files(part);
  if (candidates.empty()) return {};
  const FoundFile& file = candidates[random_.below(candidates.size())];
  Result<Place> place = place_of(file.path);
  place->directory->entries.erase(place->name);
  strikes_.add(Strike::file_lost);
  return file.path;
}

DiskNodePtr Disk::copy_of(const DiskNode& node) {
  DiskNodePtr copy = new_node(node.kind);
  copy->modified_millis = node.modified_millis;
  copy->data.replace(node.data.content());
  for (const auto& [name, child] : node.entries) copy->entries[name] = copy_of(*child);
  return copy;
}

void Disk::keep_copy(std::string_view path) {
  const Result<DiskNodePtr> node = find(path);
  if (node.ok()) copy_.emplace(std::string(path), copy_of(**node));
}

bool Disk::return_copy() {
  if (!copy_) return false;
  const auto [path, copy] = *std::exchange(copy_, std::nullopt);
  sync_everything();
  Result<Place> place = place_of(path);
  if (place.ok()) {
    place->directory->entries[place->name] = copy;
  } else if (copy->kind == DiskNode::Kind::directory) {
    root_ = copy;
  }
  strikes_.add(Strike::stale_returned);
  return true;
}

void Disk::lose_everything() {
  root_ = new_node(DiskNode::Kind::directory);
  first_name_ += names_.size();
  names_.clear();
  strikes_.add(Strike::disk_lost);
}

}  // namespace ottla::sim
