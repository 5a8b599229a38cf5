// What crashes, rot and loss do to a disk.
#include <algorithm>
#include <functional>
#include <utility>

#include "base/invariant.h"
#include "sim/disk.h"

namespace ottla::sim {

void Disk::process_died() {
  while (!operations_.empty()) operations_.pop_front().process_died(random_);
  locks_.clear();
}

// --- Crashes ------------------------------------------------------------------------------------------------

class Disk::Fates {
 public:
  virtual std::vector<Fate> of_names(const std::deque<NameChange>& names) = 0;
  virtual std::vector<Fate> of_file(const DiskNode& file) = 0;

 protected:
  ~Fates() = default;
};

class Disk::DrawnFates final : public Fates {
 public:
  explicit DrawnFates(Random& random) : random_(random) {}

  std::vector<Fate> of_names(const std::deque<NameChange>& names) override {
    const Survival survival = draw();
    const std::size_t kept = survival == Survival::prefix ? random_.below(names.size() + 1) : 0;
    std::vector<Fate> fates;
    for (std::size_t i = 0; i < names.size(); ++i) {
      bool survives = survival == Survival::everything || i < kept;
      if (survival == Survival::any_subset) survives = random_.chance(1, 2);
      fates.push_back({.kind = survives ? Fate::Kind::kept : Fate::Kind::lost});
    }
    return fates;
  }
  std::vector<Fate> of_file(const DiskNode& file) override { return file.data.draw_fates(draw(), random_); }

 private:
  Survival draw() { return static_cast<Survival>(random_.below(4)); }

  Random& random_;
};

class Disk::ChosenFates final : public Fates {
 public:
  ChosenFates(const std::vector<PendingChange>& pending, const std::vector<Fate>& chosen) {
    OTTLA_INVARIANT(pending.size() == chosen.size(), "each pending change has one fate", pending.size(),
                    chosen.size());
    for (std::size_t i = 0; i < pending.size(); ++i) {
      std::vector<Fate>& fates = fates_[pending[i].file];
      fates.resize(pending[i].index + 1);  // what is left out is durable
      fates.back() = chosen[i];
    }
  }

  std::vector<Fate> of_names(const std::deque<NameChange>& names) override { return of(0, names.size()); }
  std::vector<Fate> of_file(const DiskNode& file) override { return of(file.number, file.data.changes()); }

 private:
  std::vector<Fate> of(std::uint64_t number, std::size_t count) {
    std::vector<Fate> fates = fates_[number];
    fates.resize(count);
    return fates;
  }

  std::map<std::uint64_t, std::vector<Fate>> fates_;
};

void Disk::crash_names(const std::vector<Fate>& fates, CrashReport& report) {
  report.operations += names_.size();
  for (auto change = names_.rbegin(); change != names_.rend(); ++change) {
    for (auto edit = change->edits.rbegin(); edit != change->edits.rend(); ++edit) apply(*edit, edit->before);
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const NameChange& change = names_[i];
    const bool survives = change.durable() || fates.at(i).kind != Fate::Kind::lost;
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

CrashReport Disk::crash(Fates& fates) {
  CrashReport report;
  crash_names(fates.of_names(names_), report);
  for (const FoundFile& file : files("")) {
    file.node->data.crash(fates.of_file(*file.node), report);
    file.node->cold = true;
    file.node->reserved = 0;
  }
  strikes_.add(Strike::write_lost, report.writes_lost);
  strikes_.add(Strike::write_torn, report.writes_torn);
  strikes_.add(Strike::name_lost, report.names_lost);
  return report;
}

CrashReport Disk::lose_power() {
  DrawnFates fates(random_);
  return crash(fates);
}

CrashReport Disk::crash(const std::vector<Fate>& chosen) {
  ChosenFates fates(pending(), chosen);
  return crash(fates);
}

std::map<std::uint64_t, const DiskNode*> Disk::crashing_files() const {
  std::map<std::uint64_t, const DiskNode*> found;
  const std::function<void(const DiskNode*)> walk = [&](const DiskNode* node) {
    if (node == nullptr) return;
    if (node->kind == DiskNode::Kind::file) found.emplace(node->number, node);
    for (const auto& [name, child] : node->entries) walk(child.get());
  };
  walk(root_.get());
  for (const NameChange& change : names_) {
    for (const Edit& edit : change.edits) {
      walk(edit.before.get());
      walk(edit.after.get());
    }
  }
  return found;
}

std::vector<PendingChange> Disk::pending() const {
  std::vector<PendingChange> pending;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i].durable()) continue;
    std::string what;
    for (const Edit& edit : names_[i].edits) {
      const DiskNodePtr& node = edit.after != nullptr ? edit.after : edit.before;
      what += (what.empty() ? "" : " ") + std::string(edit.after != nullptr ? "+" : "-") + edit.name + "=" +
              std::to_string(node->number);
    }
    pending.push_back({.index = i, .what = std::move(what)});
  }
  for (const auto& [number, file] : crashing_files()) {
    for (std::size_t i = 0; i < file->data.changes(); ++i) {
      if (file->data.is_durable(i)) continue;
      const std::uint64_t bytes = file->data.length_of(i);
      pending.push_back({.file = number,
                         .index = i,
                         .bytes = bytes,
                         .what = std::to_string(number) + (bytes > 0 ? " at " : " ends at ") +
                                 std::to_string(file->data.offset_of(i)) +
                                 (bytes > 0 ? ": " + std::to_string(bytes) : std::string())});
    }
  }
  return pending;
}

void Disk::become(const Disk& other) {
  std::map<const DiskNode*, DiskNodePtr> copies;
  const std::function<DiskNodePtr(const DiskNodePtr&)> copy = [&](const DiskNodePtr& node) -> DiskNodePtr {
    if (node == nullptr) return nullptr;
    DiskNodePtr& made = copies[node.get()];
    if (made != nullptr) return made;
    made = std::make_shared<DiskNode>(node->kind, node->number, used_);
    made->modified_millis = node->modified_millis;
    made->data.become(node->data);
    made->reserved = node->reserved;
    made->cold = node->cold;
    for (const auto& [name, child] : node->entries) made->entries[name] = copy(child);
    return made;
  };
  root_ = copy(other.root_);
  names_ = other.names_;
  for (NameChange& change : names_) {
    for (Edit& edit : change.edits) {
      edit.directory = copy(edit.directory);
      edit.before = copy(edit.before);
      edit.after = copy(edit.after);
    }
  }
  first_name_ = other.first_name_;
  next_number_ = other.next_number_;
  wall_millis_ = other.wall_millis_;
  locks_.clear();
}

// --- Damage -------------------------------------------------------------------------------------------------

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
